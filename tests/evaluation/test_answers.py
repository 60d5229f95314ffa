"""Answers beside the truth, spectrum by spectrum."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from denovo.evaluation import Unsupported, evaluate, measured_sets
from denovo.evaluation.answers import score_answers
from denovo.evaluation.figures import shares_of
from denovo.spectra.prediction import Status
from tests.evaluation.conftest import PEPTIDE
from tests.helpers.predictions import prediction, spectrum

CASANOVO = json.loads((Path(__file__).parents[1] / "metrics" / "casanovo.json").read_text())
PROFORMA = re.compile(r"(\[[^\]]+\]-)?([A-Z](\[[^\]]+\](?!-))?)+")


def score_file(pipeline, path, **options):
    """Evaluate one file, leaving out what the alphabet lacks."""
    sets, census = measured_sets([path], pipeline.vocabulary, Unsupported.SKIP)
    (scored,) = evaluate("net", pipeline, sets, census=census, **options).scores
    return scored


def test_each_annotated_spectrum_has_a_row_in_the_order_of_the_file(make_pipeline, library):
    done = []
    found = score_file(make_pipeline(batch_size=1), library, on_spectra=done.append)
    rows = found.rows
    assert rows["index"].tolist() == [0, 1, 5, 6]
    assert rows["native_id"].tolist() == ["index=0", "index=1", "index=5", "index=6"]
    assert rows["annotation"].tolist() == [PEPTIDE, "SAGTLK", "SGATIK", "WYWYWY"]
    assert rows["peptide"].tolist() == [PEPTIDE, "SAGTLK", PEPTIDE, "WYWYWY"]  # I = L
    assert rows["prediction"].tolist() == [PEPTIDE] * 3 + [""]
    assert rows["status"].tolist() == ["ok"] * 3 + ["cut_off"]
    assert rows["is_right"].tolist() == [True, False, True, False]
    assert rows["n_matched"].tolist() == [6, 4, 6, 0]
    assert rows["residues_right"].tolist()[1] == (True, False, False, True, True, True)
    assert [len(scores) for scores in rows["residue_scores"]] == [6, 6, 6, 0]
    assert sum(done) == 4
    assert found.seconds > 0
    assert not found.is_calibrated


def test_how_much_of_the_truth_a_spectrum_shows_is_told(make_pipeline, library):
    rows = score_file(make_pipeline(), library).rows
    assert rows["site_coverage"].tolist() == pytest.approx([1, 0.6, 1, 1])
    assert rows["max_missing_sites"].tolist() == [0, 2, 0, 0]


def test_the_constraint_leaves_no_answer_where_no_peptide_agrees(make_pipeline, library):
    rows = score_file(make_pipeline("constrained"), library).rows
    assert rows["status"].tolist() == ["ok", "ok", "ok", "infeasible"]
    last = rows.iloc[3]
    assert (last["prediction"], last["n_predicted"], last["is_right"]) == ("", 0, False)
    assert np.isnan(last["ppm_error"])
    assert rows["within_tolerance"].tolist() == [True, True, True, False]


def test_an_annotation_that_its_precursor_does_not_agree_with_is_marked(
    make_pipeline, entry, tmp_path
):
    path = tmp_path / "shifted.mgf"
    heavy, wrong = 1.0033548378 / 2, 0.1
    path.write_text("".join(entry(PEPTIDE, shift=shift) for shift in (0, heavy, wrong)))
    rows = score_file(make_pipeline("constrained"), path).rows
    assert rows["within_tolerance"].tolist() == [True, True, False]
    assert rows["annotation_ppm_error"].abs().tolist()[:2] == pytest.approx([0, 0], abs=0.1)
    free = score_file(make_pipeline("beam"), path).rows
    assert free["within_tolerance"].all()
    assert free["annotation_ppm_error"].tolist()[2] == pytest.approx(1e6 * 0.2 / 575.3, rel=0.01)


def test_a_spectrum_without_a_charge_is_read_at_those_that_are_tried(
    make_pipeline, entry, tmp_path
):
    path = tmp_path / "uncharged.mgf"
    path.write_text(entry(PEPTIDE, charge=None))
    (row,) = score_file(make_pipeline("constrained"), path).rows.to_dict("records")
    assert (row["precursor_charge"], row["charge_source"], row["is_right"]) == (2, "assumed", True)


def test_answers_with_a_probability_have_a_q_value_and_others_have_none(make_pipeline, library):
    pipeline = make_pipeline("constrained", probability=0.75)
    found = score_file(pipeline, library)
    assert found.is_calibrated
    assert found.rows["q_value"].tolist()[:3] == pytest.approx([0.25] * 3)
    assert np.isnan(found.rows["q_value"].tolist()[3])
    assert found.rows["probability"].tolist()[3] == 0


def test_the_figures_of_answers_are_those_of_casanovo(make_pipeline, common):
    # Pairs whose answer has a modification of the N-terminus inside are no ProForma.
    pairs = [row.split() for row in CASANOVO["pairs"]]
    pairs = [pair for pair in pairs if pair[0] == "-" or PROFORMA.fullmatch(pair[0])]
    assert len(pairs) > 150
    spectra, predictions = [], []
    for number, (guess, truth, _) in enumerate(pairs):
        answer = (
            {"peptide": "", "status": Status.INFEASIBLE} if guess == "-" else {"peptide": guess}
        )
        answer["residue_scores"] = ()
        spectra.append(spectrum(number, truth))
        predictions.append(prediction(number, **answer))
    rows = score_answers(make_pipeline(), spectra, predictions, [()] * len(pairs))
    verdicts = [matches.count("1") for _, _, matches in pairs]
    assert rows["n_matched"].tolist() == verdicts
    n_guessed = sum(len(common.encode(guess)) for guess, _, _ in pairs if guess != "-")
    n_true = sum(len(common.encode(truth)) for _, truth, _ in pairs)
    n_right = sum("0" not in matches for _, _, matches in pairs)
    figures = shares_of(rows)
    assert figures["aa_precision"] == pytest.approx(sum(verdicts) / n_guessed)
    assert figures["aa_recall"] == pytest.approx(sum(verdicts) / n_true)
    assert figures["peptide_recall"] == pytest.approx(n_right / len(pairs))


@pytest.mark.parametrize(
    "name",
    [
        "FTMS_HCD_20_annotated_2019-11-12_filtered.msp",
        "fetal_brain_tiny.mzSpecLib.txt",
        "massivekb_human_tmt_head.sptxt",
    ],
)
def test_measured_libraries_are_judged_row_by_row(make_pipeline, real_data, name):
    found = score_file(make_pipeline(), real_data(name))
    # The spectra were identified by their fragments.
    assert found.rows["site_coverage"].mean() > 0.5
