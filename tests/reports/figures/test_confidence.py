"""Precision over coverage."""

import numpy as np

from denovo.metrics import precision_coverage
from denovo.reports.figures.confidence import draw_precision_coverage


def curve(n: int = 200, seed: int = 0):
    random = np.random.default_rng(seed)
    scores = random.random(n)
    return precision_coverage(scores, random.random(n) < scores, n_possible=n + n // 4)


def test_each_panel_shows_each_curve_with_its_area_in_one_colour():
    peptides = {"calibrated": curve(), "raw": curve(seed=1)}
    left, right = draw_precision_coverage(peptides, {"raw": curve(seed=2)}).axes
    area = f"{peptides['calibrated'].average_precision:.3f}"
    assert left.get_legend().get_texts()[0].get_text() == f"calibrated: area {area}"
    lines = {line.get_label(): line.get_color() for line in left.get_lines() + right.get_lines()}
    raw = {colour for label, colour in lines.items() if str(label).startswith("raw")}
    assert len(raw) == 1
    assert "peptides" in left.get_xlabel()
    assert "residues" in right.get_xlabel()


def test_a_panel_without_curves_is_left_out_and_one_without_answers_is_not():
    nothing = precision_coverage(np.array([]), np.array([], bool), n_possible=3)
    figure = draw_precision_coverage({"none": nothing}, {})
    assert len(figure.axes) == 1
    figure.canvas.draw()


def test_names_of_many_curves_stand_beside_the_panel():
    curves = {f"{'spectra' * 9}_{number}.mgf": curve(seed=number) for number in range(4)}
    figure = draw_precision_coverage(curves, {})
    (axes,) = figure.axes
    assert axes.get_legend() is None
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(texts) == 4
    assert all("…: area" in text for text in texts)
    figure.canvas.draw()
    assert axes.get_position().width * figure.get_figwidth() > 2.5
