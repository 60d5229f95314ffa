"""The success criteria of the design, as tables."""

import pytest

from denovo.reports.criteria import criteria_tables
from denovo.reports.figures_logged import ERROR_FIGURES, ERROR_STATISTICS
from denovo.training.callbacks import CurriculumCallback, StageHistory
from tests.helpers.tiny_training import train_small, two_stages

SOFT = {
    "val/soft_ppm_error_mean": 609.0,
    "val/soft_ppm_error_abs_median": 4.0,
    "val/soft_ppm_error_abs_p90": 100.0,
    "val/soft_ppm_within_10": 0.75,
    "val/soft_ppm_within_20": 0.8,
}


def stages(*figures):
    return [
        {"stage": number, "name": f"stage_{number}", "end_step": 10 * number} | found
        for number, found in enumerate(figures, start=1)
    ]


def test_each_error_is_held_against_the_bound_of_its_stage():
    last = SOFT | {"val/soft_ppm_error_abs_median": 10.0, "val/soft_ppm_error_abs_p90": 9.9}
    table = criteria_tables(stages({}, {}, SOFT, last))[0]
    assert table.headings[3:] == ("stage 3: < 100 ppm", "", "end: < 10 ppm", "")
    assert table.rows == (
        ("validation", "soft", "mean", "609", "not met", "609", "not met"),
        ("validation", "soft", "median", "4", "met", "10", "not met"),
        ("validation", "soft", "90th percentile", "100", "not met", "9.9", "met"),
        ("validation", "soft", "within 10 ppm", "0.75", "", "0.75", ""),
        ("validation", "soft", "within 20 ppm", "0.8", "", "0.8", ""),
    )


def test_a_run_of_two_stages_has_no_third_one_to_hold_to():
    table = criteria_tables(stages(SOFT, SOFT))[0]
    assert table.headings == ("spectra", "error", "figure", "end: < 10 ppm", "")


def test_an_error_without_any_prediction_is_neither_met_nor_not():
    unknown = {"val/ppm_error_abs_median": float("nan"), "val/ppm_within_10": 0.0}
    rows = criteria_tables(stages(unknown, unknown))[0].rows
    assert rows[1] == ("validation", "decoded", "median", "", "")


def test_every_statistic_has_a_table_with_a_row_per_stage():
    _, *courses = criteria_tables(stages(SOFT, SOFT | {"val/soft_ppm_within_20": 0.9}))
    assert len(courses) == len(ERROR_STATISTICS)
    assert courses[-1].headings == ("stage", "validation, soft")
    assert courses[-1].rows == (("stage_1", "0.8"), ("stage_2", "0.9"))
    assert courses[0].caption.endswith("mean, in ppm")


def test_a_single_stage_is_not_held_against_the_criteria_of_a_curriculum():
    (table,) = criteria_tables(stages(SOFT))
    assert table.headings == ("spectra", "error", *ERROR_STATISTICS.values())
    assert table.rows == (("validation", "soft", "609", "4", "100", "0.75", "0.8"),)
    assert "do not apply" in table.caption


def test_without_errors_there_is_no_table():
    assert criteria_tables(stages({"val/peptide_recall": 0.5})) == []


@pytest.fixture(scope="module")
def rows(canonical):
    curriculum = two_stages(4)
    history = StageHistory(curriculum, every_n_steps=1)
    callbacks = [CurriculumCallback(curriculum), history]
    train_small(canonical, curriculum, callbacks, val_check_interval=4, log_every_n_steps=1)
    return history.rows()


def test_a_training_logs_every_error_of_every_set(rows):
    logged = [name for name in ERROR_FIGURES if name.startswith(("val/", "train/"))]
    assert [name for row in rows for name in logged if name not in row] == []
    headings = {row[:2] for row in criteria_tables(rows)[0].rows}
    sets = ("validation", "training")
    assert headings == {(name, kind) for name in sets for kind in ("soft", "decoded")}


def test_the_error_that_training_logs_at_every_step_is_the_soft_mean(canonical):
    curriculum = two_stages(1)
    history = StageHistory(curriculum, every_n_steps=1)
    trainer = train_small(
        canonical, curriculum, [CurriculumCallback(curriculum), history], log_every_n_steps=1
    )
    logged = trainer.callback_metrics
    assert logged["train/soft_ppm_error_mean"] == pytest.approx(float(logged["train/ppm_error"]))
    assert logged["train/soft_ppm_error_abs_median"] > 0
