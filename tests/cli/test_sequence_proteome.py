"""`denovo sequence --proteome`: sources in every format, the same for shards and workers."""

import csv

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from denovo.io.predictions import read_predictions, read_settings
from denovo.io.predictions.columns import NAMES
from denovo.sequencing.networks import SHIPPED
from denovo.sequencing.proteome.sources import NOT_FITTED

N_SPECTRA = 6


@pytest.fixture
def run(real_data, monkeypatch, tmp_path):
    """Run a command on a few measured spectra, in chunks of two."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DENOVO_CACHE", str(tmp_path / "cache"))
    for module in ("denovo.sequencing.workers", "denovo.sequencing.run_description"):
        monkeypatch.setattr(f"{module}.CHUNK_SIZE", 2)
    text = real_data("casanovo_sample_preprocessed_spectra.mgf").read_text()
    entries = text.split("END IONS\n")[:N_SPECTRA]
    (tmp_path / "a.mgf").write_text("".join(f"{entry}END IONS\n" for entry in entries))
    bare = [
        "".join(c for c in line.removeprefix("SEQ=") if c.isalpha())
        for line in text.splitlines()
        if line.startswith("SEQ=") and "[" not in line
    ]
    fasta = "".join(f">sp|A{n}|X\n{peptide}\n" for n, peptide in enumerate(bare[1:40:2]))
    (tmp_path / "p.fasta").write_text(fasta)

    def invoke(name, *arguments):
        result = CliRunner().invoke(app, [name, *map(str, arguments)])
        assert result.exit_code == 0, result.output
        return result

    return invoke


OPTIONS = ("--intensity-power", 2)
PROTEOME = ("--proteome", "p.fasta")


def test_sources_are_in_every_format_and_without_a_proteome_nothing_is(run, tmp_path):
    names = ("o.csv", "o.mztab", "o.parquet")
    outputs = [part for name in names for part in ("--output", name)]
    said = run("sequence", "a.mgf", *outputs, *OPTIONS, *PROTEOME, "--workers", 1).output
    assert "spectra of peptides outside the proteome" in said
    assert NOT_FITTED not in " ".join(said.split())
    read = [list(read_predictions(tmp_path / name)) for name in names]
    for rows in read:
        assert [(r.source, r.proteins, r.proteome_rank) for r in rows] == [
            (r.source, r.proteins, r.proteome_rank) for r in read[0]
        ]
    assert {row.source for row in read[0]} == {"proteome", "novel"}
    for row in read[0]:
        best = row.proteome_probability if row.source == "proteome" else row.novel_probability
        assert row.probability == best
        assert row.proteins.startswith("A") == (row.source == "proteome")
    run("convert", "o.parquet", "--output", "c.csv")
    assert (tmp_path / "c.csv").read_bytes() == (tmp_path / "o.csv").read_bytes()

    run("sequence", "a.mgf", "--output", "n.csv", "--output", "n.mztab", *OPTIONS, "--workers", 1)
    with (tmp_path / "n.csv").open(newline="") as stream:
        assert tuple(next(csv.reader(stream))) == NAMES
    assert "proteome" not in (tmp_path / "n.mztab").read_text()


def test_shuffled_decoys_are_another_estimate_beside_the_same_answers(run, tmp_path):
    found = {}
    for decoys in ("reversed", "shuffled"):
        kind = ("--decoys", decoys, "--workers", 1, "--output", f"{decoys}.parquet")
        said = run("sequence", "a.mgf", *OPTIONS, *PROTEOME, *kind).output
        assert "decoys as probable" in said
        path = tmp_path / f"{decoys}.parquet"
        assert read_settings(path)["decoys"] == decoys
        found[decoys] = [(r.peptide, r.source, r.proteins) for r in read_predictions(path)]
    assert found["reversed"] == found["shuffled"]


def test_a_network_for_which_the_prior_was_not_fitted_is_warned_of(run, monkeypatch):
    other = SHIPPED.with_name("spectrum_graph.safetensors")
    monkeypatch.setattr("denovo.cli.sequencing_run.SHIPPED", other)
    said = run("sequence", "a.mgf", "--output", "o.csv", *OPTIONS, *PROTEOME, "--workers", 1).output
    assert f"warning: {NOT_FITTED}" in " ".join(said.split())


@pytest.mark.slow
def test_shards_and_workers_change_no_byte(run, tmp_path):
    run("sequence", "a.mgf", "--output", "o.csv", *OPTIONS, *PROTEOME, "--workers", 1)
    expected = (tmp_path / "o.csv").read_bytes()
    (tmp_path / "o.csv").unlink()
    run("sequence", "a.mgf", "--output", "w.csv", *OPTIONS, *PROTEOME, "--workers", 2)
    assert (tmp_path / "w.csv").read_bytes() == expected
    for shard in ("2/2", "1/2"):
        command = ("sequence", "a.mgf", "--output", "o.csv", *OPTIONS, *PROTEOME)
        run(*command, "--workers", 1, "--shard", shard)
    run("merge", "o.csv.parts", "--output", "m.csv")
    assert (tmp_path / "m.csv").read_bytes() == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--proteome", "none.fasta"), "none.fasta does not exist"),
        ((*PROTEOME, "--novel-share", "1"), "must be above 0 and below 1, got 1"),
        ((*PROTEOME, "--rescoring", "none"), "--proteome needs the rescoring 'full'"),
        ((*PROTEOME, "--enzyme", "tripsin"), "tripsin"),
    ],
)
def test_faults_are_one_sentence(run, options, expected):
    arguments = ["sequence", "a.mgf", "--output", "o.csv", *options, "--workers", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert expected in result.stderr
