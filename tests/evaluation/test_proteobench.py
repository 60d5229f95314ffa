"""Figures of ProteoBench, and the file that its upload takes."""

import csv
import gzip
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from denovo.chemistry import bare_sequence
from denovo.errors import InputError
from denovo.evaluation import FastaProteins, write_proteobench
from denovo.evaluation.figures import in_fasta_of
from denovo.evaluation.proteobench import proteobench_figures
from tests.helpers.mapped import write_fasta
from tests.helpers.proteobench_oracle import (
    differences,
    figures_of_proteobench,
    golden_rows,
    random_rows,
)

PATH = Path(__file__).with_name("proteobench.json")
GOLDEN = json.loads(PATH.read_text())


def test_all_figures_are_those_that_proteobench_gave():
    assert differences(proteobench_figures(golden_rows(PATH)), GOLDEN["figures"]) == []


def test_a_figure_that_differs_is_found():
    rows = golden_rows(PATH)
    rows.loc[0, "prediction"] = "PEPTIDEE"
    assert "peptide, mass" in differences(proteobench_figures(rows), GOLDEN["figures"])


# psims leaves a file open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_all_figures_are_those_of_proteobench():
    pytest.importorskip("proteobench", reason="ProteoBench is not installed")
    rows = random_rows(2000, seed=int(version("proteobench").replace(".", "")))
    ours, theirs = proteobench_figures(rows), figures_of_proteobench(rows)
    assert differences(ours, theirs) == []


# psims leaves a file open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_answers_in_fasta_are_those_of_proteobench(tmp_path):
    pytest.importorskip("proteobench", reason="ProteoBench is not installed")
    rows = random_rows(500, seed=1)
    bare = [bare_sequence(text).replace("I", "L") for text in rows["prediction"]]
    peptides = set(filter(None, bare[::3]))
    write_fasta(tmp_path / "p.fasta", {f"P{n}": each for n, each in enumerate(sorted(peptides))})
    # A protein may have a peptide that is none of those that it was made of.
    text = "-".join(peptides)
    held = {each for each in bare if each in text}
    theirs = figures_of_proteobench(rows, held)["in_fasta"]
    marked = FastaProteins([tmp_path / "p.fasta"]).mark(rows)
    assert proteobench_figures(marked)["in_fasta"] == theirs
    assert min(theirs.values()) > 0


def test_wrong_answers_in_proteins_are_counted(tmp_path):
    write_fasta(tmp_path / "p.fasta", {"P1": "MAAPEPTLDEKRRSAMPLERANDMORE"})
    rows = pd.DataFrame(
        {
            "annotation": ["PEPTIDEK", "SAMPLERA", "SAMPLER", "ELVISLIVES", "PEPTIDEKRR"],
            "prediction": ["PEPTIDEK", "SAM[UNIMOD:35]PIERA", "SAMPLEK", "", "PEPTIDEEEE"],
            "has_answer": [True, True, True, False, True],
            "probability": np.nan,
            "log_probability": 0.0,
            "token_scores": [()] * 5,
            "n_missing_sites": 0,
            "explained_intensity": 0.5,
            "is_right": [True, False, False, False, False],
        }
    )
    marked = FastaProteins([tmp_path / "p.fasta"]).mark(rows)
    assert marked["in_fasta"].tolist() == [True, True, pd.NA, pd.NA, False]
    assert in_fasta_of(marked) == {
        "n_answers": 3,
        "n_wrong_answers": 2,
        "answers": pytest.approx(2 / 3),
        "wrong_answers": 0.5,
    }
    found = proteobench_figures(marked)["in_fasta"]
    assert found == {"correct": 1, "in_fasta": 1, "not_in_fasta": 3}


def test_unanswered_spectra_alone_have_no_precision():
    rows = golden_rows(PATH)
    found = proteobench_figures(rows[~rows["has_answer"]].reset_index(drop=True))
    assert found["peptide"]["mass"] == {
        "precision": None,
        "recall": 0.0,
        "coverage": 0.0,
        "area": None,
    }


@pytest.fixture
def answered():
    return pd.DataFrame(
        {
            "scan": pd.array([4, 7, 9], dtype="Int64"),
            "title": ["a", "b", "c"],
            "prediction": ["[UNIMOD:5]-[UNIMOD:385]-PEM[UNIMOD:35]K", "", "PEK"],
            "has_answer": [True, False, True],
            "probability": [0.5, 0.0, 0.25],
            "log_probability": [-1.0, np.nan, -2.0],
            "residue_scores": [(0.9, 0.8, 0.7, 0.6), (), (0.5, 0.4, 0.3)],
        }
    )


def test_the_upload_has_scans_proforma_and_a_score_for_every_token(answered, tmp_path):
    write_proteobench(tmp_path / "out.csv", answered)
    with (tmp_path / "out.csv").open() as stream:
        first, second = csv.DictReader(stream)
    assert (first["spectrum_id"], first["sequence"]) == (
        "scan=4",
        "[Formula:H-2C1O1]-PEM[UNIMOD:35]K",
    )
    assert json.loads(first["aa_scores"]) == [0.9, 0.9, 0.8, 0.7, 0.6]
    assert (second["spectrum_id"], second["score"]) == ("scan=9", "0.25")


def test_the_upload_is_read_by_proteobench(answered, tmp_path, monkeypatch):
    settings = pytest.importorskip(
        "proteobench.io.parsing.parse_settings", reason="ProteoBench is not installed"
    )
    loading = pytest.importorskip("proteobench.io.parsing.parse_denovo")
    write_proteobench(tmp_path / "out.csv", answered)
    features = [
        *("precursor_mz", "retention_time", "missing_frag_sites", "missing_frag_pct"),
        *("explained_y_pct", "explained_b_pct", "explained_by_pct", "explained_all_pct"),
        *("cos", "cos_ionb", "cos_iony", "spec_pearson", "dotprod", "collection"),
    ]
    truth = pd.DataFrame(
        {"spectrum_id": [4, 7, 9], "title": list("abc"), **dict.fromkeys(features, 0)}
    )
    truth["peptidoform"] = truth["proforma"] = ["PEM[UNIMOD:35]K", "PEK", "PEK"]
    with gzip.open(tmp_path / settings.GROUND_TRUTH_FILENAME, "wt") as stream:
        truth.to_csv(stream, index=False)
    monkeypatch.setattr(settings, "GROUND_TRUTH_DIR_LOCAL_DENOVO", str(tmp_path))
    parser = settings.ParseSettingsDeNovo(
        {
            "mapper": {name: name for name in ("spectrum_id", "sequence", "score")},
            "spectrum_id_mapper": {"pattern": r"scan=(\d+)"},
            "sequence_mapper": {"replacement_dict": {}},
        },
        {},
    )
    found = parser.convert_to_standard_format(
        loading.load_input_file(str(tmp_path / "out.csv"), "Custom")
    )
    assert found["score"].tolist()[::2] == [0.5, 0.25]
    assert found["aa_scores"].tolist()[0] == [0.9, 0.9, 0.8, 0.7, 0.6]
    assert str(found["peptidoform"].tolist()[0]) == "[Formula:H-2C1O1]-PEM[UNIMOD:35]K"


def test_spectra_without_a_scan_cannot_be_uploaded(answered, tmp_path):
    with pytest.raises(InputError, match="'a' has no scan number"):
        write_proteobench(tmp_path / "out.csv", answered.assign(scan=pd.array([None] * 3, "Int64")))
