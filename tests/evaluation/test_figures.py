"""Figures of answers whose truth is written by hand."""

import json

import numpy as np
import pytest

from denovo.evaluation import ScoredSet, SetKind, Unsupported, evaluate, measured_sets
from denovo.evaluation.figures import GROUPINGS, breakdown_of
from tests.helpers.evaluations import scored, scored_rows

SHARES = ("aa_precision", "aa_recall", "peptide_precision", "peptide_recall")


def of_rows(rows):
    return ScoredSet("a.mgf", SetKind.MEASURED, rows)


def test_the_figures_follow_from_the_rows():
    found = scored()
    rows, figures = found.rows, found.figures
    assert figures["aa_recall"] == rows["n_matched"].sum() / rows["n_true"].sum()
    assert figures["peptide_recall"] == rows["is_right"].mean()
    assert figures["peptide_precision"] == pytest.approx(rows["is_right"].sum() / 90)
    assert figures["ppm_error_abs_median"] == pytest.approx(rows["ppm_error"].abs().median())
    assert figures["ppm_within_10"] == (rows["ppm_error"].abs() <= 10).mean()
    assert figures["spectra_per_second"] == 50
    assert figures["listed"] == rows["is_listed"].mean()
    counts = ("n_spectra", "n_peptides", "n_answers", "n_infeasible", "n_cut_off")
    assert [figures[name] for name in counts] == [100, 67, 90, 10, 0]
    assert figures["n_outside_tolerance"] == 10
    by_peptide = rows.groupby("identity")["is_right"].mean().mean()
    assert figures["by_peptide"]["peptide_recall"] == pytest.approx(by_peptide)


def test_every_share_lies_in_its_interval():
    figures = scored().figures
    for name in SHARES:
        assert figures[f"{name}_low"] < figures[name] < figures[f"{name}_high"]


def test_groups_are_disjoint_but_for_modifications():
    figures = scored().figures
    for name in GROUPINGS:
        assert sum(row["n_spectra"] for row in figures[f"by_{name}"]) == 100, name
    names = {name: [row["group"] for row in figures[f"by_{name}"]] for name in GROUPINGS}
    assert names["length"] == ["up to 8", "9 - 11", "12 - 14", "15 - 17", "18 and more"]
    assert names["charge"] == ["1", "2", "3"]
    assert names["max_missing_sites"] == ["0", "1", "2", "3", "4+"]
    assert set(names["modification"]) == {"none", "M[UNIMOD:35]"}


def test_groups_by_number_hold_every_spectrum_once_and_their_lower_end():
    rows = scored_rows(101).assign(
        site_coverage=np.linspace(0, 1, 101), max_missing_sites=np.arange(101)
    )
    found = breakdown_of(rows)
    counts = {
        name: {row["group"]: row["n_spectra"] for row in found[name]}
        for name in ("site_coverage", "max_missing_sites")
    }
    assert counts["max_missing_sites"] == {"0": 1, "1": 1, "2": 1, "3": 1, "4+": 97}
    assert sum(counts["site_coverage"].values()) == 101
    assert counts["site_coverage"]["0 - 0.5"] == 50
    assert counts["site_coverage"]["1"] == 1


def test_a_peptide_belongs_to_the_group_of_each_of_its_modifications():
    peptides = ["PEK", "M[UNIMOD:35]M[UNIMOD:35]K", "[UNIMOD:1]-N[UNIMOD:7]M[UNIMOD:35]K", "N"]
    found = breakdown_of(scored_rows(4, n_silent=0).assign(annotation=peptides))["modification"]
    assert [(row["group"], row["n_spectra"]) for row in found] == [
        *(("none", 2), ("M[UNIMOD:35]", 2), ("N[UNIMOD:7]", 1), ("[UNIMOD:1]-", 1)),
    ]


def test_groups_of_few_peptides_have_no_interval_of_residues():
    for group in breakdown_of(scored_rows(30))["length"]:
        assert np.isnan(group["aa_recall_low"]) == (group["n_peptides"] < 10)
        assert group["peptide_recall_low"] <= group["peptide_recall"]


def test_a_single_candidate_is_no_list():
    assert scored(n_candidates=1).figures["listed"] is None


def test_calibrated_answers_are_found_calibrated():
    figures = scored(20000).figures
    assert figures["expected_calibration_error_equal_width"] < 0.02
    assert figures["expected_calibration_error_equal_mass"] < 0.02
    for row in figures["false_discovery"]:
        assert row["estimated"] <= row["level"]
        assert row["true_low"] <= row["estimated"] <= row["true_high"]
    assert sum(row["count"] for row in figures["reliability"]) == figures["n_answers"]


def test_answers_that_are_too_sure_are_found_out():
    rows = scored_rows(5000)
    figures = of_rows(rows.assign(probability=rows["probability"] ** 0.5)).figures
    assert figures["expected_calibration_error_equal_width"] > 0.05
    assert figures["false_discovery"][-1]["true_low"] > 0.1


def test_a_network_without_probabilities_has_no_calibration_and_still_a_curve():
    figures = scored(is_calibrated=False).figures
    assert figures["brier_score"] is None
    assert figures["expected_calibration_error_equal_mass"] is None
    assert figures["false_discovery"] == figures["reliability"] == []
    assert 0 < figures["peptide_precision_coverage_area"] < 1


def test_spectra_without_an_answer_are_covered_by_none():
    found = scored()
    for score in ("probability", "log_probability"):
        assert found.peptide_curve(score).coverage[-1] == 0.9
    assert found.residue_curve().coverage[-1] == 1


def test_ranking_says_what_a_threshold_buys():
    rows = scored_rows(40, n_silent=0)
    rows = rows.assign(probability=np.linspace(1, 0, 40), is_right=np.arange(40) < 20)
    figures = of_rows(rows).figures
    found = [figures[f"peptide_precision_at_coverage_{n}"] for n in (25, 50, 75, 90)]
    assert found == pytest.approx([1, 1, 2 / 3, 5 / 9])
    assert figures["peptide_coverage_at_precision_90"] == pytest.approx(22 / 40)
    unanswered = of_rows(rows.assign(has_answer=np.arange(40) < 10)).figures
    assert unanswered["peptide_precision_at_coverage_50"] is None


def test_no_answer_at_all_still_gives_figures_that_json_can_write():
    figures = scored(10, n_silent=10).figures
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert figures["peptide_recall"] == figures["peptide_precision"] == 0
    assert figures["ppm_error_abs_median"] is None
    assert figures["false_discovery"][0]["true"] is None


def test_sequenced_spectra_give_the_figures_that_can_be_counted_by_hand(make_pipeline, library):
    pipeline = make_pipeline("constrained", 0.75)
    sets, _ = measured_sets([library], pipeline.vocabulary, Unsupported.SKIP)
    (found,) = evaluate("net", pipeline, sets).scores
    figures = found.figures
    assert figures["aa_precision"] == pytest.approx(16 / 18)
    assert figures["aa_recall"] == pytest.approx(16 / 24)
    assert (figures["peptide_precision"], figures["peptide_recall"]) == (2 / 3, 0.5)
    assert figures["peptide_precision_coverage_area"] == pytest.approx(0.75 * 2 / 3)
    assert figures["expected_calibration_error_equal_width"] == pytest.approx(0.75 - 2 / 3)
    assert figures["brier_score"] == pytest.approx((2 * 0.25**2 + 0.75**2) / 3)
    assert figures["n_infeasible"] == figures["n_outside_tolerance"] == 1
    assert [row["n_accepted"] for row in figures["false_discovery"]] == [0, 0, 0]
