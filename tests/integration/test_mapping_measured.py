"""Measured spectra, sequenced with the network of the package, find their proteins."""

from pathlib import Path

import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from denovo.chemistry.identity import identity
from denovo.cli import app
from denovo.io import open_spectra
from denovo.proteins import read_proteins

DATA = Path(__file__).parents[3] / "shared" / "data"
SPECTRA = DATA / "real" / "casanovo_sample_preprocessed_spectra.mgf"
FASTA = DATA / "fasta" / "preprocessed_mouse.fasta"


@pytest.mark.skipif(not SPECTRA.exists(), reason=f"{SPECTRA} is not there")
def test_every_right_answer_and_some_wrong_ones_find_the_protein_of_their_peptide(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    sequence = ["sequence", str(SPECTRA), "--output", "run.parquet", "--rescoring", "none"]
    assert CliRunner().invoke(app, [*sequence, "--workers", "1"]).exit_code == 0
    result = CliRunner().invoke(app, ["map", "run.parquet", "--fasta", str(FASTA)])
    assert result.exit_code == 0, result.output
    rows = parquet.read_table("run.mapped.parquet").to_pylist()
    truths = {each.index: identity(getattr(each, "peptide", "")) for each in open_spectra(SPECTRA)}
    text = read_proteins([FASTA]).letters.tobytes().decode().replace("I", "L")
    in_proteins = [row for row in rows if truths[row["index"]] in text]
    right = [row for row in in_proteins if identity(row["peptide"]) == truths[row["index"]]]
    assert len(right) > 20
    assert all(row["match"] in {"exact", "I=L", "deamidation"} for row in right)
    rescued = [
        row
        for row in in_proteins
        if row["match"] in {"order", "equal mass"}
        and identity(row["matched_peptide"]) == truths[row["index"]]
    ]
    assert rescued
    by_chance = sum(row["shuffled_match"] != "none" for row in in_proteins)
    assert by_chance < 0.1 * len(in_proteins)
