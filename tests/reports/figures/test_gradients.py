"""The picture of the loss family."""

import io

import numpy as np
import pytest

from denovo.evaluation.diagnosis.gradients import compare_members
from denovo.losses import PENALTIES
from denovo.reports.figures.gradients import draw_gradients


@pytest.fixture
def figure():
    errors = np.geomspace(1, 1e5, 51)
    return draw_gradients(compare_members(100, errors.tolist()), loss_scale=100)


def test_both_panels_show_every_member_on_logarithmic_axes(figure):
    left, right = figure.axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == list(PENALTIES)
    for axes in (left, right):
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_what_is_dead_is_drawn_dotted_and_said(figure):
    right = figure.axes[1]
    assert [text.get_text() for text in right.texts] == ["clamp: exactly 0"]
    (dotted,) = [line for line in right.get_lines() if line.get_linestyle() == ":"]
    assert min(dotted.get_xdata()) > 100
    clamp = right.get_lines()[list(PENALTIES).index("clamp")]
    assert max(clamp.get_xdata()) <= 100
    assert dotted.get_color() == clamp.get_color()


def test_the_scale_is_marked_and_the_picture_can_be_saved(figure):
    for axes in figure.axes:
        assert any(set(line.get_xdata()) == {100} for line in axes.get_lines())
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    assert picture.getvalue().startswith(b"\x89PNG")
