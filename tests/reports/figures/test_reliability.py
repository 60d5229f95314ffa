"""Promised and kept probability."""

import numpy as np
import pytest

from denovo.metrics import reliability
from denovo.reports.figures.confidence import draw_reliability


@pytest.mark.parametrize("binning", ["width", "mass"])
def test_points_histogram_and_error_are_shown(binning):
    random = np.random.default_rng(0)
    probability = random.beta(2, 1, 500)
    found = reliability(probability, random.random(500) < probability, binning=binning)
    figure = draw_reliability(found, probability)
    upper, lower = figure.axes
    assert sum(bar.get_height() for bar in lower.patches) == 500
    texts = [text.get_text() for text in upper.get_legend().get_texts()]
    assert f"expected error {found.expected_error:.3f}\n(10 bins of equal {binning})" in texts
    figure.canvas.draw()


def test_nothing_can_be_drawn_too():
    found = reliability(np.array([]), np.array([], bool))
    draw_reliability(found, np.array([])).canvas.draw()
