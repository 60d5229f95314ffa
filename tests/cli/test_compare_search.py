"""`denovo compare-search`, and `denovo evaluate --search`: outcomes, files, one sentence."""

import csv
import json
import os
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from denovo.cli import app
from tests.helpers.mapped import write_answers
from tests.helpers.predictions import prediction, unanswered
from tests.helpers.searched import CHARGES, ROWS, write_run, write_sage

MZ = {row.scan: row.mz for row in ROWS} | {31: 600.0}
SCANS = list(CHARGES)


def answer(index, peptide, probability, q_value=None):
    """An answer to a spectrum of the run."""
    charge, mz = CHARGES[SCANS[index]], round(MZ[SCANS[index]], 5)
    changes = {"precursor_charge": charge, "precursor_mz": mz, "ambiguous": ()}
    changes["q_value"] = q_value
    return prediction(index, peptide=peptide, probability=probability, **changes)


ANSWERS = [
    answer(0, "[UNIMOD:1]-AFEPTLDEK", 0.999),
    answer(1, "SAMPIER", 0.998),
    answer(2, "ELVISIIVESK", 0.997),
    unanswered(3),
    answer(4, "WHATEVER", 0.2),
]


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run a command in a folder with a run, its answers and its search results."""
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "run.mgf")
    write_answers(tmp_path / "all.parquet", ANSWERS)
    write_sage(tmp_path)

    def invoke(*arguments):
        return CliRunner().invoke(app, [*map(str, arguments)])

    return invoke


def _rows(path):
    return list(csv.DictReader(path.read_text().splitlines()))


FILES = ("compare-search", "run.mgf", "all.parquet", "results.sage.tsv")


def test_each_spectrum_has_an_outcome_in_table_page_and_output(run, tmp_path):
    outputs = ("--output", "out.csv", "--html", "out.html", "--mismatches", "left_out.csv")
    result = run(*FILES, *outputs, "--match", "deepnovo")
    assert result.exit_code == 0, result.output
    assert "Of 5 spectra, 2 have an accepted peptide of denovo and of the search" in result.output
    assert "| q <= 0.01 | 3 | 2 | 1 | 1 | 0 | 100.0% |" in result.output
    rows = _rows(tmp_path / "out.csv")
    assert [(row["scan"], row["outcome"]) for row in rows] == [
        ("17", "equal masses"),
        ("19", "same peptide"),
        ("23", "de novo alone"),
        ("29", "neither"),
        ("31", "neither"),
    ]
    assert (rows[1]["search_peptide"], rows[1]["search_q_value"]) == ("SAMPLER", "0.001")
    reasons = [row["reason"] for row in _rows(tmp_path / "left_out.csv")]
    assert reasons[1] == "no spectrum of the files has its scan"
    page = (tmp_path / "out.html").read_text()
    assert page.count("data:image/svg+xml") == 1
    assert "No spectrum has different peptides" in page


@pytest.mark.parametrize("match", ["proteobench", "exact"])
def test_masses_that_are_not_equal_by_the_definition_differ(run, match):
    result = run(*FILES, "--match", match, "--html", "out.html")
    assert "| different peptides | 1 | 20.0% |" in result.output


def test_both_sides_are_filtered_by_the_q_value(run):
    result = run(*FILES, "--max-q-value", "0.5")
    assert "| same peptide | 2 | 40.0% |" in result.output
    assert "| above the q-value | 0 |" in result.output
    strict = run(*FILES, "--max-q-value", "0.0011")
    assert "| search alone | 1 | 20.0% |" in strict.output


def test_q_values_that_the_answers_state_count(run, tmp_path):
    stated = [answer(0, "SAMPLER", 0.999, q_value=0.2), answer(1, "SAMPLER", 0.4, q_value=0.005)]
    write_answers(tmp_path / "all.parquet", stated)
    result = run(*FILES, "--output", "out.csv")
    assert "| same peptide | 1 | 20.0% |" in result.output, result.output
    rows = _rows(tmp_path / "out.csv")
    assert [row["denovo_q_value"] for row in rows[:2]] == ["0.2", "0.005"]


def test_answers_without_probabilities_are_all_accepted(run, tmp_path):
    rows = ["label\tprediction\tcharge\tscore", "run.19.19.2\tSAMPLER\t2\t0.1", ""]
    (tmp_path / "primenovo.tsv").write_text("\n".join(rows))
    result = run(
        "compare-search", "run.mgf", "primenovo.tsv", "results.sage.tsv", "--html", "p.html"
    )
    assert result.exit_code == 0, result.output
    assert "PrimeNovo states no probabilities; all its answers are accepted" in result.output
    assert "| same peptide | 1 | 20.0% |" in result.output


def test_answers_of_other_files_do_not_stand_for_those_of_the_run(run, tmp_path):
    elsewhere = [replace(each, file="other.mgf", probability=1.0) for each in ANSWERS[:2]]
    write_answers(tmp_path / "all.parquet", [*ANSWERS, *elsewhere])
    assert run(*FILES, "--output", "mixed.csv", "--html", "page.html").exit_code == 0
    write_answers(tmp_path / "own.parquet", ANSWERS)
    own = ("compare-search", "run.mgf", "own.parquet", "results.sage.tsv")
    assert run(*own, "--output", "own.csv").exit_code == 0
    assert _rows(tmp_path / "mixed.csv") == _rows(tmp_path / "own.csv")
    assert "rows that name no spectrum of the files: 2" in (tmp_path / "page.html").read_text()


def test_files_that_exist_or_are_read_are_not_written(run, tmp_path):
    (tmp_path / "out.csv").write_text("old")
    for output, sentence in {
        "out.csv": "error: out.csv exists; give --overwrite, or choose another name",
        "out.xlsx": "error: --output must end in .csv or .tsv or .parquet, got out.xlsx",
        "results.sage.tsv": "error: results.sage.tsv is both read and written",
    }.items():
        result = run(*FILES, "--output", output)
        assert (result.exit_code, sentence in result.stderr) == (1, True), result.stderr
    assert run(*FILES, "--output", "out.csv", "--overwrite").exit_code == 0
    assert sorted(os.listdir(tmp_path)) == ["all.parquet", "out.csv", "results.sage.tsv", "run.mgf"]


def test_search_results_are_the_truth_of_an_evaluation(run, tmp_path):
    result = run(
        *("evaluate", "run.mgf", "--predictions", "all.parquet", "--search", "results.sage.tsv"),
        *("--json", "out.json"),
    )
    assert result.exit_code == 0, result.output
    assert "| accepted | 2 |" in result.output
    found = json.loads((tmp_path / "out.json").read_text())
    (scores,) = found["networks"].values()
    assert (scores["sets"][0]["n_spectra"], scores["sets"][0]["peptide_recall"]) == (2, 1.0)
    assert scores["entries"]["n_not_annotated"] == 3
    assert found["settings"]["search"] == ["results.sage.tsv"]
