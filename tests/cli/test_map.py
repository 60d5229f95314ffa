"""`denovo map`: files that appear together, and one sentence for bad input."""

import csv

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pyteomics.mztab import MzTab
from typer.testing import CliRunner

from denovo.cli import app
from denovo.io.predictions import read_predictions
from denovo.spectra.prediction import Region
from tests.helpers.mapped import SEQUENCES, write_answers, write_fasta
from tests.helpers.predictions import prediction, unanswered

ANSWERS = [
    prediction(0, peptide="PEPTLDER", ambiguous=()),
    prediction(1, peptide="SSWWHFFHKT", ambiguous=(Region(5, 8, ("HFFH",)),)),
    unanswered(2),
    prediction(3, peptide="WWWWM[UNIMOD:35]WWW", ambiguous=()),
    prediction(4, peptide="WWWWMWWW", ambiguous=()),
]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command in a folder with predictions and proteins."""
    monkeypatch.chdir(tmp_path)
    write_fasta(tmp_path / "proteome.fasta", SEQUENCES)
    write_answers(tmp_path / "all.parquet", ANSWERS)

    def invoke(*arguments, fasta="proteome.fasta"):
        return CliRunner().invoke(app, ["map", *map(str, arguments), "--fasta", fasta])

    return invoke


def test_predictions_proteins_and_unmatched_peptides_are_written(run, tmp_path):
    result = run("all.parquet", "--report", "page.html")
    assert result.exit_code == 0, result.output
    assert "2 of 4 answers (50.0%) match a protein" in result.output
    mapped = pq.read_table(tmp_path / "all.mapped.parquet").to_pylist()
    assert [row["match"] for row in mapped] == ["I=L", "order", "", "none", "none"]
    assert mapped[0]["proteins"] == ["P1", "P2"]
    assert [row["peptide"] for row in mapped[:2]] == ["PEPTLDER", "SSWWHFFHKT"]
    table = list(csv.DictReader((tmp_path / "all.mapped.proteins.csv").read_text().splitlines()))
    assert [(row["accession"], row["role"]) for row in table] == [
        ("P2", "leading"),
        ("P1", "subset"),
    ]
    assert (tmp_path / "all.mapped.unmatched.txt").read_text() == "WWWWMWWW\n"
    assert (tmp_path / "all.mapped.unmatched.fasta").read_text() == ">denovo_1\nWWWWMWWW\n"
    page = (tmp_path / "page.html").read_text()
    assert page.count("data:image/svg+xml") == 2
    assert "P2" in page


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".mztab"])
def test_every_format_goes_in_and_out_and_is_read_back(run, tmp_path, suffix):
    source = write_answers(tmp_path / f"in{suffix}", ANSWERS)
    assert run(source, "--output", f"out{suffix}").exit_code == 0
    assert list(read_predictions(tmp_path / f"out{suffix}")) == list(read_predictions(source))
    again = run(f"out{suffix}", "--output", "again.parquet")
    assert again.exit_code == 0, again.output
    assert pq.read_table(tmp_path / "again.parquet")["match"].to_pylist()[:2] == ["I=L", "order"]


OF_A_PROTEOME = {
    "source": "proteome",
    "proteins": "A1;A2",
    "proteome_peptide": "PEPTLDER",
    "proteome_rank": 1,
    "proteome_probability": 0.75,
    "novel_peptide": "EPPTLDER",
    "novel_probability": 0.125,
    "usi": "mzspec:PXD004732:run:scan:1:PEPTLDER/2",
}


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet", ".mztab"])
def test_columns_of_a_proteome_and_a_dataset_are_kept(run, tmp_path, suffix):
    answers = [prediction(0, peptide="PEPTLDER", ambiguous=(), **OF_A_PROTEOME), unanswered(1)]
    settings = {"proteome": "p.fasta", "dataset": "PXD004732"}
    source = write_answers(tmp_path / f"in{suffix}", answers, settings)
    assert run(source, "--output", f"out{suffix}").exit_code == 0
    assert list(read_predictions(tmp_path / f"out{suffix}")) == list(read_predictions(source))
    again = run(f"out{suffix}", "--output", "again.parquet")
    assert again.exit_code == 0, again.output
    first = pq.read_table(tmp_path / "again.parquet").to_pylist()[0]
    assert (first["proteins"], first["proteome_proteins"]) == (["P1", "P2"], "A1;A2")
    named = OF_A_PROTEOME.items() - {("proteins", "A1;A2")}
    assert named <= {(name, v) for name, v in first.items() if not isinstance(v, list)}


def test_mztab_has_proteins_and_a_row_for_each_place(run, tmp_path):
    assert run("all.parquet", "--output", "out.mztab").exit_code == 0
    with (tmp_path / "out.mztab").open(encoding="utf-8") as stream:
        read = MzTab(stream)
    psms = read.spectrum_match_table
    assert isinstance(psms, pd.DataFrame)
    first = psms[psms.index == 1] if psms.index.name == "PSM_ID" else psms[psms["PSM_ID"] == 1]
    assert first["accession"].tolist() == ["P1", "P2"]
    assert first["unique"].astype(int).tolist() == [0, 0]
    assert first["start"].astype(int).tolist() == [7, 2]
    assert first["end"].astype(int).tolist() == [14, 9]
    assert (first["pre"].tolist(), first["post"].tolist()) == (["K", "M"], ["N", "S"])
    assert set(first["database"]) == {"proteome.fasta"}
    proteins = read.protein_table
    assert proteins["accession"].tolist() == ["P2", "P1"]
    assert proteins["description"].tolist() == ["some protein"] * 2
    assert proteins["protein_coverage"].astype(float).between(0, 1).all()


def test_text_has_lists_with_semicolons(run, tmp_path):
    assert run("all.parquet", "--output", "out.csv").exit_code == 0
    row = next(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert (row["proteins"], row["starts"], row["pre"]) == ("P1;P2", "7;2", "K;M")


def test_contaminants_may_stand_in_a_file_of_their_own(run, tmp_path):
    write_fasta(tmp_path / "more.fasta", {"CON_1": "AAWWWWMWWWK"})
    result = run("all.parquet", "--fasta", "more.fasta")
    assert result.exit_code == 0, result.output
    table = list(csv.DictReader((tmp_path / "all.mapped.proteins.csv").read_text().splitlines()))
    assert {row["accession"]: row["database"] for row in table}["CON_1"] == "more.fasta"
    assert (tmp_path / "all.mapped.unmatched.txt").read_text() == ""


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        ([], "", "proteome.fasta is empty"),
        ([], ">P1\nPEP1TIDE\n", "protein 'P1' has '1'"),
        ([], "PEPTIDE\n", "proteome.fasta is not a FASTA file"),
        (
            ["--enzyme", "tripsin"],
            ">P1\nPEPTIDE\n",
            "--enzyme: unknown enzyme 'tripsin'; did you mean trypsin?",
        ),
        (["--tolerance", "20"], ">P1\nPEPTIDE\n", "tolerance must read like"),
        (["--output", "all.parquet"], ">P1\nPEPTIDE\n", "both read and written"),
        (["--output", "out.xlsx"], ">P1\nPEPTIDE\n", "the suffix gives the format"),
        (["--unmatched", "out.csv"], ">P1\nPEPTIDE\n", "--unmatched must end in .fasta or .txt"),
        (["--proteins", "out.html"], ">P1\nPEPTIDE\n", "--proteins must end in"),
        (["--fasta", "gone.fasta"], ">P1\nPEPTIDE\n", "gone.fasta: no such file"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_file(run, tmp_path, arguments, text, sentence):
    (tmp_path / "proteome.fasta").write_text(text)
    before = sorted(tmp_path.iterdir())
    result = run("all.parquet", *arguments)
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("answers", [[], [unanswered(0)]])
def test_predictions_without_peptides_are_refused(run, tmp_path, answers):
    write_answers(tmp_path / "all.parquet", answers)
    result = run("all.parquet")
    assert result.exit_code == 1
    assert "all.parquet holds no peptides" in result.output


def test_files_that_exist_are_replaced_on_request_only(run, tmp_path):
    assert run("all.parquet").exit_code == 0
    refused = run("all.parquet")
    assert (refused.exit_code, "--overwrite" in refused.output) == (1, True)
    assert run("all.parquet", "--overwrite").exit_code == 0
