"""`denovo tune`: the spectra that a fine-tuning gets, and the command that it becomes."""

import os

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, strategies
from typer.testing import CliRunner

from denovo.chemistry import Vocabulary
from denovo.chemistry.modifications import observed_alphabet
from denovo.cli import app
from denovo.cli.tune_run import _quoted
from denovo.data import AnnotatedSpectra
from denovo.errors import InputError
from denovo.io import open_spectra
from denovo.training.overrides import check_command_line
from denovo.training.program_files import training_program
from tests.helpers.searched import ROWS, Found, write_run, write_sage

SCANS = [scan for scan in range(1, 121) if scan != 31]
"""Without the scan whose precursor `write_run` alters."""


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in a folder with spectra and search results; returns result and program."""
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "run.mgf", dict.fromkeys(SCANS, 2))
    programs = []
    monkeypatch.setattr(os, "execv", lambda _, program: programs.append(program))

    def invoke(rows, *arguments):
        write_sage(tmp_path, rows)
        command = ["tune", "results.sage.tsv", "--spectra", "run.mgf", *arguments]
        return CliRunner().invoke(app, command), programs

    return invoke


@pytest.fixture(autouse=True)
def precursors(monkeypatch):
    """All spectra have the precursor of SAMPLER."""
    import tests.helpers.searched as searched

    mz = ROWS[1].mz
    same = [Found(scan, "SAMPLER") for scan in SCANS]
    assert same[0].mz == mz
    monkeypatch.setattr(searched, "ROWS", same)


SAME = [Found(scan, "SAMPLER", q_value=0.001 if scan > 10 else 0.5) for scan in SCANS]


def test_accepted_spectra_are_written_and_trained_on(run, tmp_path):
    result, programs = run(SAME, "--folder", "it's", "data.held_out=0.3")
    assert result.exit_code == 0, result.output
    (program,) = programs
    assert program[1:3] == [str(training_program()), "+experiment=finetune"]
    assert program[3:] == [
        "ckpt_path='hcd'",
        r"data.train='it\'s/spectra.parquet'",
        r"run_dir='it\'s'",
        "data.unsupported=skip",
        "data.held_out=0.3",
    ]
    check_command_line(program[2:])
    written = list(open_spectra(tmp_path / "it's" / "spectra.parquet"))
    assert [spectrum.scan for spectrum in written] == SCANS[10:]
    known = list(open_spectra(tmp_path / "run.mgf"))[10]
    assert (written[0].mz.tolist(), written[0].title) == (known.mz.tolist(), known.title)
    vocabulary = Vocabulary(observed_alphabet(["M[UNIMOD:35]"], set()))
    source = AnnotatedSpectra(tmp_path / "it's" / "spectra.parquet", vocabulary)
    assert set(source.identities) == {"SAMPLER"}


def test_too_few_spectra_are_refused(run):
    result, programs = run(SAME[10:30])
    assert (result.exit_code, programs) == (1, [])
    assert (
        "20 spectra with a peptide are too few to tune on; expected at least 100" in result.stderr
    )


def test_the_same_command_goes_on_and_other_spectra_are_refused(run, tmp_path):
    result, programs = run(SAME)
    assert result.exit_code == 0
    spectra = tmp_path / "tuned" / "spectra.parquet"
    before = spectra.stat().st_mtime_ns
    result, programs = run(SAME)
    assert result.exit_code == 0, result.output
    assert programs[0] == programs[1]  # without resume=never
    assert spectra.stat().st_mtime_ns == before
    result, programs = run(SAME[:-1])
    assert "tuned/spectra.parquet holds other spectra than these; give --overwrite" in result.stderr
    assert len(programs) == 2
    assert sorted(path.name for path in spectra.parent.iterdir()) == [spectra.name]
    result, programs = run(SAME[:-1], "--overwrite")
    assert result.exit_code == 0
    assert "resume=never" in programs[-1]


def test_spectra_must_be_given():
    result = CliRunner().invoke(app, ["tune", "results.sage.tsv"])
    assert "give the spectra that were searched, as in --spectra run.mzML" in result.stderr


@given(strategies.text(r"ab'\"\\ ,=$#{}[]()~/.-", min_size=1, max_size=12))
def test_every_name_of_a_file_arrives_at_hydra_or_is_refused(name):
    if "${" in name:
        with pytest.raises(InputError, match="has a meaning to Hydra"):
            _quoted(name)
        return
    (override,) = OverridesParser.create().parse_overrides([f"data.train={_quoted(name)}"])
    assert override.value() == name
