"""Figures of answers whose truth is written by hand."""

import json

import pytest

from denovo.evaluation import (
    Unsupported,
    breakdowns_of,
    evaluate,
    figures_of,
    peptide_curves,
    residue_curves,
)
from denovo.metrics import q_values
from tests.helpers.evaluations import judged

INTERVALS = {
    f"{name}_{end}"
    for name in ("aa_precision", "aa_recall", "peptide_precision", "peptide_recall")
    for end in ("low", "high")
}


def test_the_figures_follow_from_the_rows():
    found = judged()
    rows, figures = found.rows, figures_of(found, 50)
    assert figures["aa_recall"] == rows["n_matched"].sum() / rows["n_true"].sum()
    assert figures["peptide_recall"] == rows["is_right"].mean()
    assert figures["peptide_precision"] == rows["is_right"].sum() / 90
    assert figures["ppm_error_abs_median"] == pytest.approx(rows["ppm_error"].abs().median())
    assert figures["ppm_within_10"] == (rows["ppm_error"].abs() <= 10).mean()
    assert figures["spectra_per_second"] == 50
    fates = ("n_entries", "n_spectra", "n_not_annotated", "n_skipped", "n_rejected")
    assert [figures[name] for name in fates] == [105, 100, 3, 0, 2]
    outcomes = ("n_answers", "n_infeasible", "n_cut_off", "n_outside_tolerance")
    assert [figures[name] for name in outcomes] == [90, 10, 0, 10]


def test_every_share_lies_in_its_interval():
    figures = figures_of(judged(), 200)
    assert set(figures) >= INTERVALS
    for name in ("aa_precision", "aa_recall", "peptide_precision", "peptide_recall"):
        assert figures[f"{name}_low"] < figures[name] < figures[f"{name}_high"]


def test_groups_are_disjoint_but_for_modifications_and_named_by_numbers_where_they_are():
    figures = figures_of(judged(), 10)
    for name in ("file", "length", "charge", "share_of_fragments", "silent_run", "modification"):
        assert sum(row["n_spectra"] for row in figures[f"by_{name}"]) == 100, name
    assert [row["length"] for row in figures["by_length"]] == list(range(6, 12))
    assert [row["charge"] for row in figures["by_charge"]] == [1, 2, 3]
    assert [row["silent_run"] for row in figures["by_silent_run"]] == ["0", "1", "2", "3", "4+"]
    assert {row["modification"] for row in figures["by_modification"]} == {"none", "M[UNIMOD:35]"}


def test_one_file_is_no_group():
    found = judged()
    found.rows["file"] = "a.mgf"
    assert "by_file" not in figures_of(found, 10)


def test_few_spectra_have_no_interval_of_residues():
    found = judged(n=30)
    groups = breakdowns_of(found.rows, 10)["length"]
    is_small = groups["n"] < 10
    assert is_small.any()
    assert groups.loc[is_small, "aa_recall_low"].isna().all()
    assert groups["peptide_recall_low"].notna().all()


def test_calibrated_answers_are_found_calibrated():
    figures = figures_of(judged(n=20000), 10)
    assert figures["expected_calibration_error_equal_width"] < 0.02
    assert figures["expected_calibration_error_equal_mass"] < 0.02
    for row in figures["false_discovery"]:
        assert row["estimated"] <= row["level"]
        assert row["true_low"] <= row["estimated"] <= row["true_high"]
    assert sum(row["count"] for row in figures["reliability"]) == figures["n_answers"]


def test_answers_that_are_too_sure_are_found_out():
    honest = judged(n=5000)
    honest.rows["probability"] **= 0.5
    answers = honest.rows["has_answer"]
    honest.rows.loc[answers, "q_value"] = q_values(honest.answers["probability"].to_numpy())
    figures = figures_of(honest, 10)
    assert figures["expected_calibration_error_equal_width"] > 0.05
    assert figures["false_discovery"][-1]["true_low"] > 0.1


def test_a_network_without_probabilities_has_no_calibration_and_still_a_curve():
    found = judged(is_calibrated=False)
    figures = figures_of(found, 10)
    assert figures["brier_score"] is None
    assert figures["expected_calibration_error_equal_mass"] is None
    assert figures["false_discovery"] == figures["reliability"] == []
    assert list(peptide_curves(found)) == ["log-probability"]
    assert 0 < figures["peptide_precision_coverage_area"] < 1


def test_spectra_without_an_answer_are_covered_by_none():
    found = judged()
    calibrated, raw = peptide_curves(found).values()
    assert calibrated.coverage[-1] == raw.coverage[-1] == 0.9
    assert residue_curves(found)["residue probability"].coverage[-1] == 1


def test_no_answer_at_all_still_gives_figures_that_json_can_write():
    figures = figures_of(judged(n=10, n_silent=10), 10)
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures["peptide_recall"] == figures["peptide_precision"] == 0
    assert figures["ppm_error_abs_median"] is None
    assert figures["false_discovery"][0]["true"] is None


def test_sequenced_spectra_give_the_figures_that_can_be_counted_by_hand(make_pipeline, library):
    figures = figures_of(evaluate(make_pipeline("constrained", 0.75), library, Unsupported.SKIP))
    assert figures["aa_precision"] == 16 / 18
    assert figures["aa_recall"] == 16 / 24
    assert (figures["peptide_precision"], figures["peptide_recall"]) == (2 / 3, 0.5)
    assert figures["peptide_precision_coverage_area"] == pytest.approx(0.75 * 2 / 3)
    assert figures["expected_calibration_error_equal_width"] == pytest.approx(0.75 - 2 / 3)
    assert figures["brier_score"] == pytest.approx((2 * 0.25**2 + 0.75**2) / 3)
    assert figures["n_infeasible"] == figures["n_outside_tolerance"] == 1
    assert [row["n_accepted"] for row in figures["false_discovery"]] == [0, 0, 0]
