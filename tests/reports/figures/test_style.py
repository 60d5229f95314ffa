"""Titles and names are drawn as they are written, in every format."""

import os
from dataclasses import replace
from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from denovo.choices import PICTURES
from denovo.cli.plot_run import choose_peptide
from denovo.evaluation.diagnosis.gradients import compare_members
from denovo.reports.figures.gallery import encode, write_picture
from denovo.reports.figures.gradients import draw_gradients
from denovo.reports.figures.mirror import draw_mirror
from denovo.reports.figures.style import label_powers, scale_down_to_zero, style
from tests.helpers.predictions import spectrum

TITLES = [r"run $\frac$ scan 1", r"a_1^2 \alpha $x$", r"cost \$5 & <b>", os.fsdecode(b"\xff $")]


def written(text: str) -> str:
    """Return a text as the comment that Matplotlib puts before its letters in SVG."""
    spelled = text.replace("\udcff", r"\xff").replace("&", "&amp;")
    return f"<!-- {spelled.replace('<', '&lt;').replace('>', '&gt;')} -->"


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("suffix", PICTURES)
def test_a_title_is_drawn_as_text_below_a_spectrum(common, tmp_path, title, suffix):
    measured = replace(spectrum(), title=title, file=os.fsdecode(b"r\xff.mgf"))
    figure = draw_mirror(measured, choose_peptide(measured, common))
    write_picture(tmp_path / f"out{suffix}", figure)
    if suffix == ".svg":
        assert written(rf"r\xff.mgf, spectrum {title}") in (tmp_path / "out.svg").read_text("utf-8")


@pytest.mark.parametrize("title", TITLES[:3])
def test_legends_headings_and_labels_of_axes_are_text(title):
    with style():
        figure = Figure()
        axes = figure.subplots()
        # Matplotlib makes the labels of categories when the figure is saved, not here.
        axes.bar([title, "other"], [1, 2], label=f"legend {title}")
        axes.set_title(f"heading {title}")
        axes.legend()
    drawn = encode(figure, "svg").decode()
    for text in (title, f"legend {title}", f"heading {title}"):
        assert written(text) in drawn


def test_logarithmic_axes_are_labelled_with_plain_numbers():
    with style():
        figure = Figure()
        axes = figure.subplots()
        axes.loglog([0.01, 1e6], [1, 10])
        label_powers(axes.xaxis, axes.yaxis)
    drawn = encode(figure, "svg").decode()
    assert all(written(label) in drawn for label in ("0.01", "1", "10,000", "1,000,000"))
    assert "math" not in drawn


def test_the_picture_of_gradients_has_no_mathematical_notation():
    figure = draw_gradients(compare_members(100.0, [1.0, 100.0, 10_000.0]), 100.0)
    assert "mathdefault" not in encode(figure, "svg").decode()


@pytest.mark.parametrize("least", [0.001, 0.0088, 3.0])
def test_the_labels_of_a_logarithmic_axis_with_a_zero_keep_apart(least):
    with style():
        figure = Figure(figsize=(8, 2))
        axes = figure.add_subplot()
        axes.plot([0.0, least, 20.0])
        scale_down_to_zero(axes, least)
        figure.canvas.draw()
        low, high = axes.get_ylim()
        boxes = [
            label.get_window_extent()
            for tick, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
            if low <= tick <= high and label.get_text()
        ]
    assert len(boxes) > 1
    assert all(below.y1 < above.y0 for below, above in pairwise(boxes))
