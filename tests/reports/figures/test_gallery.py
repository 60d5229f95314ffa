"""The pictures over the steps of a run."""

import numpy as np
import pytest

from denovo.reports.figures.gallery import curve_pictures, encode, example_picture
from denovo.reports.runs import Run
from tests.helpers.runs import STEPS, example, metrics, write_run

WIRE = {"step": 35, "name": "dead_gradient", "message": "the gradient is 0"}


@pytest.fixture
def pictures(tmp_path):
    run = Run.load(write_run(tmp_path, wires=(WIRE,)))
    return {picture.name: picture.figure for picture in curve_pictures(run)}


def labels(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_full_run_has_every_picture(pictures):
    assert list(pictures) == ["ppm_error", "learning_curves", "recall_by_length", "gradient_shares"]


def test_stages_and_tripwires_are_marked(pictures):
    for name in ("ppm_error", "learning_curves", "gradient_shares"):
        words = [text.get_text() for text in pictures[name].axes[0].texts]
        assert words == ["1", "stage", "2", "dead gradient"]


def test_errors_stand_on_a_logarithmic_axis_and_none_is_lost(pictures):
    axes = pictures["ppm_error"].axes[0]
    assert axes.get_yscale() == "log"
    assert "(ppm)" in axes.get_ylabel()
    drawn = {line.get_label(): line.get_ydata() for line in axes.lines}
    assert drawn["decoded error (ppm)"] == pytest.approx([900.0, 0.01])
    assert drawn["soft error (ppm)"] == pytest.approx([1000.0, 5.0])


def test_recall_has_a_curve_for_each_range_of_lengths_in_order(pictures):
    clean, noisy = pictures["recall_by_length"].axes
    assert labels(clean) == ["7-9", "10-12"]
    assert [line.get_ydata()[-1] for line in noisy.lines[:2]] == [0.25, 0.25]


def test_a_gradient_of_exactly_zero_has_its_place(tmp_path):
    table = metrics()
    is_training = table["gradients/norm_precursor"].notna()
    table.loc[is_training & (table["step"] > 30), "gradients/norm_precursor"] = 0.0
    run = Run.load(write_run(tmp_path, table=table))
    axes = {p.name: p.figure for p in curve_pictures(run)}["gradient_shares"].axes[0]
    assert axes.get_yscale() == "symlog"
    assert axes.get_ylim()[0] < 0
    assert min(min(line.get_ydata()) for line in axes.lines if len(line.get_ydata()) > 2) == 0


def test_of_a_single_loss_term_only_the_norm_of_the_gradient_is_drawn(tmp_path):
    table = metrics().filter(regex="^((?!_precursor).)*$")
    pictures = curve_pictures(Run.load(write_run(tmp_path, table=table)))
    (axes,) = next(p.figure for p in pictures if p.name == "gradient_shares").axes
    assert axes.get_ylabel() == "gradient norm"
    assert axes.get_xlabel() == "optimizer step"


def test_what_was_not_logged_is_not_drawn(tmp_path):
    table = metrics(gradient_shares=False).filter(regex="step|stage|loss_token")
    names = [p.name for p in curve_pictures(Run.load(write_run(tmp_path, table=table)))]
    assert names == ["learning_curves"]


def test_a_run_that_logged_nothing_of_interest_has_no_pictures(tmp_path):
    table = metrics().filter(items=["step", "curriculum/stage"])
    assert list(curve_pictures(Run.load(write_run(tmp_path, table=table)))) == []


def test_the_same_run_gives_the_same_file(tmp_path):
    run = Run.load(write_run(tmp_path))
    first, second = (encode(next(curve_pictures(run)).figure, "svg") for _ in range(2))
    assert first == second


def test_pictures_are_encoded_for_pages_and_for_viewers():
    figure = example_picture(example()).figure
    assert b"<svg" in encode(figure, "svg")
    assert encode(figure, "png").startswith(b"\x89PNG")


def test_curves_end_with_the_run(pictures):
    assert pictures["ppm_error"].axes[0].get_xlim()[1] == 59
    assert np.max(STEPS) == 58
