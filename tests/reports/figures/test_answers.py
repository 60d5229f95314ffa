"""The answers of a run taken together, and one of them in small."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from denovo.reports.figures.answers import (
    Answers,
    answer_picture,
    answer_pictures,
    draw_accepted,
    draw_precursor_errors,
)
from denovo.spectra.prediction import Status
from tests.helpers.predictions import answered, prediction, spectrum, unanswered


def many(n=60):
    return Answers.collect(pair[0] for pair in answered([k / n for k in range(n)]))


def test_every_spectrum_is_counted_and_only_answers_have_a_row():
    answers = Answers.collect([prediction(0), unanswered(1), prediction(2)])
    assert answers.statuses == {Status.OK: 2, Status.INFEASIBLE: 1}
    assert len(answers) == 2
    assert answers.length.tolist() == [7, 7]
    assert answers.retention_time.tolist() == [0, 120]


def test_answers_are_counted_by_their_q_value():
    answers = many(60)
    assert [answers.n_within(level) for level in (0.01, 0.06, 0.11, 1.0)] == [0, 3, 6, 60]


def test_uncalibrated_answers_have_log_probabilities_and_no_picture_of_the_false_ones():
    answers = Answers.collect([prediction(probability=None, q_value=None)])
    assert answers.score.tolist() == [-1.3]
    assert draw_accepted(answers) is None
    names = [picture.name for picture in answer_pictures(answers)]
    assert names == ["scores", "precursor_errors", "lengths"]


def test_a_full_run_has_four_pictures_and_an_empty_one_none():
    pictures = list(answer_pictures(many()))
    assert [p.name for p in pictures] == ["scores", "accepted", "precursor_errors", "lengths"]
    assert all(len(picture.caption) > 40 for picture in pictures)
    assert list(answer_pictures(Answers.collect([unanswered()]))) == []


def test_errors_are_drawn_against_retention_time_only_where_it_is_known():
    assert len(draw_precursor_errors(many()).axes) == 3
    untimed = Answers.collect([prediction(retention_time=None)])
    assert len(draw_precursor_errors(untimed).axes) == 2
    assert draw_precursor_errors(Answers.collect([prediction(ppm_error=None)])) is None


def test_one_wild_error_does_not_hide_the_others():
    rows = [prediction(k, ppm_error=float(np.sin(k))) for k in range(200)]
    figure = draw_precursor_errors(Answers.collect([*rows, prediction(200, ppm_error=4e4)]))
    assert figure.axes[1].get_ylim() == pytest.approx((-5, 5))


def test_the_words_of_a_small_picture_say_what_it_shows(common):
    picture = answer_picture(prediction(3), spectrum(3), common.alphabet)
    assert picture.title == "PEPTIDE"
    for words in ("Spectrum scan 3 of run.mgf", "probability 0.500", "+1.5 ppm", "50% of the",
                  "least probable residue T4 (0.40)",
                  "undetermined order at 1-2:[PE|EP]"):  # fmt: skip
        assert words in picture.caption, words


def test_a_small_picture_shows_peptide_cleavages_and_the_explained_peaks(common):
    head, axes = answer_picture(prediction(), spectrum(), common.alphabet).figure.axes
    assert "".join(text.get_text() for text in head.texts) == "PEPTIDE"
    assert len(head.lines) == 2
    assert {text.get_text() for text in axes.texts} == {"y1", "b2"}


@pytest.mark.parametrize(
    "q_values", [[0.4, 0.9], [0.0], [0.004, 0.02, 0.2], [0.01, *[0.09] * 50, 0.2], [0.001] * 99999]
)
def test_labels_of_the_accepted_answers_overlap_neither_each_other_nor_the_axes(q_values):
    rows = (prediction(k, q_value=q) for k, q in enumerate(q_values))
    figure = draw_accepted(Answers.collect(rows))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes, renderer = figure.axes[0], canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    low, high = axes.get_window_extent(renderer).get_points()
    assert all((low < box.get_points()).all() and (box.get_points() < high).all() for box in boxes)
