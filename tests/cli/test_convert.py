"""`denovo convert`: files that appear together, every spectrum accounted for, clear refusals."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from denovo.choices import ExchangeFormat
from denovo.cli import app
from denovo.errors import InputError
from denovo.io.exchange import formats
from denovo.io.predictions import read_predictions
from denovo.io.predictions.cells import one_line
from tests.helpers.exchanged import ANSWERS, PREDICTIONS, answer
from tests.helpers.mapped import SEQUENCES, write_answers, write_fasta
from tests.helpers.predictions import unanswered

# psims leaves the files of its vocabularies open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
EVERY = [f"--output=out.{suffix}" for suffix in (
    *("pin", "mzid", "fasta", "csv", "tsv", "parquet", "mztab"),
)]  # fmt: skip


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in a folder with predictions."""
    monkeypatch.chdir(tmp_path)
    write_answers(tmp_path / "all.parquet", PREDICTIONS)
    return lambda *arguments: CliRunner().invoke(app, ["convert", *map(str, arguments)])


def test_every_format_is_written_and_every_spectrum_accounted_for(run, tmp_path):
    result = run("all.parquet", *EVERY)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "5 spectra: 4 with a peptide, of these 1 without a scan number; 1 without a peptide",
        "written  out.pin  (pin: 4 spectra; left out: 1 without a peptide; "
        "place in the file for 1 without a scan number)",
        "written  out.mzid  (mzid: 4 spectra; left out: 1 without a peptide)",
        "written  out.fasta  (fasta: 4 spectra; left out: 1 without a peptide)",
        *(f"written  out.{x}  (denovo: 5 spectra)" for x in ("csv", "tsv", "parquet", "mztab")),
    ]
    n_lines = {suffix: (tmp_path / f"out.{suffix}").read_text().count("\n") for suffix in (
        *("pin", "fasta", "csv"),
    )}  # fmt: skip
    assert n_lines == {"pin": 5, "fasta": 6, "csv": 6}
    assert (tmp_path / "out.mzid").read_text().count("<SpectrumIdentificationItem ") == 4


def test_a_format_may_be_asked_for(run, tmp_path):
    result = run(
        *("all.parquet", "--format", "psm_utils", "--format", "casanovo", "--output", "out.tsv"),
        *("--output", "out.mztab", "--output", "out.csv"),
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out.tsv").read_text().startswith("peptidoform\tspectrum_id\trun")
    assert "MS:1003281" in (tmp_path / "out.mztab").read_text()
    assert list(read_predictions(tmp_path / "out.csv"))
    assert "out.tsv  (psm_utils: 4 spectra; left out: 1 without a peptide)" in result.output
    assert "out.mztab  (casanovo: 4 spectra; left out: 1 without a peptide)" in result.output


def test_fasta_has_distinct_sequences_with_their_best_probability(run, tmp_path):
    assert run("all.parquet", "--output", "out.fasta").exit_code == 0
    assert (tmp_path / "out.fasta").read_text().splitlines() == [
        *(">denovo_1 probability=0.75 spectra=2", "PEPTIDE"),
        *(">denovo_2 probability=0.5 spectra=1", "QEMCK"),
        *(">denovo_3 probability=0.5 spectra=1", "ACK"),
    ]


@pytest.mark.parametrize("source", ["csv", "tsv", "parquet", "mztab"])
def test_our_formats_hold_the_same(run, tmp_path, source):
    original = write_answers(
        tmp_path / f"in.{source}", [x for x in PREDICTIONS if x.file == "run.mgf"]
    )
    outputs = [f"out.{suffix}" for suffix in ("csv", "tsv", "parquet", "mztab", "pin")]
    assert run(original, *(f"--output={path}" for path in outputs)).exit_code == 0
    expected = list(read_predictions(original))
    assert len(expected) == 3
    # Only Parquet keeps the control characters of titles.
    in_text = [replace(row, title=one_line(row.title)) for row in expected]
    for path, rows in zip(outputs[:3], (in_text, in_text, expected), strict=True):
        assert list(read_predictions(tmp_path / path)) == rows
    native = [row.native_id for row in read_predictions(tmp_path / "out.mztab")]
    assert native == [row.native_id for row in expected]
    pin = (tmp_path / "out.pin").read_text()
    assert [line.split("\t")[2] for line in pin.splitlines()] == ["ScanNr", "17", "1"]


CASANOVO = """\
MTD\tmzTab-version\t1.0.0
PSH\tsequence\tPSM_ID\tspectra_ref
PSM\tPEK\t1\tms_run[1]:index=0
"""


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.mztab", CASANOVO.encode(), "line 3: the prediction cannot be read"),
        ("a.mztab", b"", "holds no predictions"),
        ("a.mztab", b"hello\n", "holds no predictions"),
        ("a.csv", b"", "is missing; expected predictions that denovo wrote"),
        ("a.csv", b"scan_number,predictions\n1,PEPTIDE\n", "is missing"),
        ("a.tsv", b"\xff\xfe\x00", "can't decode byte 0xff"),
        ("a.parquet", b"", "the predictions cannot be read"),
        ("a.parquet", b"PAR1nonsense", "the predictions cannot be read"),
        ("a.idXML", b"<x/>", "the suffix gives the format"),
    ],
)
def test_files_of_other_programs_are_refused_in_one_sentence(
    run, tmp_path, name, content, sentence
):
    (tmp_path / name).write_bytes(content)
    before = sorted(tmp_path.iterdir())
    result = run(name, "--output", "out.pin", "--output", "out.csv")
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "give --output"),
        (["--output", "all.parquet", "--overwrite"], "both read and written"),
        (["--output", "old.pin"], "old.pin exists; give --overwrite"),
        (["--output", "out.xlsx"], "expected one of .mztab, .csv, .tsv, .parquet, .pin, .mzid"),
        (["--output", "out"], "got none"),
        (["--output", "out.pin", "--format", "psm_utils"], "--format psm_utils: no output ends in"),
        (
            ["--output", "a.mztab", "--format", "casanovo", "--format", "casanovo-index"],
            "a.mztab may be casanovo or casanovo-index",
        ),
        (["--output", "out.pin", "--output", "out.pin"], "named twice"),
        (["--output", "old.pin/out.pin"], "cannot write old.pin/out.pin"),
    ],
)
def test_outputs_that_cannot_be_are_refused_in_one_sentence(run, tmp_path, arguments, sentence):
    (tmp_path / "old.pin").write_text("old")
    before = sorted(tmp_path.iterdir())
    result = run("all.parquet", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "old.pin").read_text() == "old"


def test_a_file_that_is_not_there_is_refused(run):
    result = run("gone.parquet", "--output", "out.pin")
    assert (result.exit_code, "gone.parquet does not exist" in result.output) == (1, True)


def test_predictions_without_a_peptide_go_into_our_formats_alone(run, tmp_path):
    write_answers(tmp_path / "none.csv", [unanswered(0)])
    refused = run("none.csv", "--output", "out.parquet", "--output", "out.pin")
    assert refused.exit_code == 1
    assert "none.csv holds no peptides" in refused.output
    assert not (tmp_path / "out.parquet").exists()
    assert run("none.csv", "--output", "out.parquet").exit_code == 0
    assert len(list(read_predictions(tmp_path / "out.parquet"))) == 1


def test_old_files_stay_if_one_cannot_be_written(run, tmp_path, monkeypatch):
    def fail(path, answers, source):
        raise InputError("no space")

    (tmp_path / "out.csv").write_text("old")
    failing = formats._Format((".pin",), fail)
    monkeypatch.setitem(formats._FORMATS, ExchangeFormat.PIN, failing)
    result = run("all.parquet", "--output", "out.csv", "--output", "out.pin", "--overwrite")
    assert (result.exit_code, "no space" in result.output) == (1, True)
    assert (tmp_path / "out.csv").read_text() == "old"
    assert not (tmp_path / "out.pin").exists()


def test_old_files_stay_if_the_input_is_damaged(run, tmp_path):
    (tmp_path / "out.csv").write_text("old")
    source = write_answers(tmp_path / "bad.parquet", ANSWERS)
    content = source.read_bytes()
    source.write_bytes(content[: len(content) // 2])
    result = run("bad.parquet", "--output", "out.csv", "--output", "out.pin", "--overwrite")
    assert result.exit_code == 1
    assert (tmp_path / "out.csv").read_text() == "old"
    assert not (tmp_path / "out.pin").exists()


@pytest.mark.slow
def test_names_that_are_not_utf8_are_read_and_written(tmp_path):
    source = write_answers(
        tmp_path / os.fsdecode(b"in\xff.parquet"), [answer(0, "PEPTIDE", file="r\udcff.mgf")]
    )
    outputs = [os.fsdecode(b"out\xff.") + suffix for suffix in ("pin", "mzid", "mztab", "csv")]
    script = "from denovo.cli import main; main()"
    command = [sys.executable, "-c", script, "convert", source]
    command += [f"--output={path}" for path in outputs]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert r"r\xff:index=0" in (tmp_path / outputs[0]).read_text()
    assert re.search(r'location="file:///\S*r%5Cxff.mgf"', (tmp_path / outputs[1]).read_text())


@pytest.mark.parametrize("suffix", ["csv", "parquet", "mztab"])
def test_predictions_that_were_mapped_to_proteins_are_converted_once_each(run, tmp_path, suffix):
    write_answers(tmp_path / "all.parquet", [answer(0, "PEPTIDER"), answer(1, "WWWWWWK")])
    write_fasta(tmp_path / "p.fasta", SEQUENCES)
    arguments = ["map", "all.parquet", "--fasta", "p.fasta", "--output", f"mapped.{suffix}"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert run(f"mapped.{suffix}", "--output", "out.pin").exit_code == 0
    assert (tmp_path / "out.pin").read_text().count("\n") == 3
