"""Figures of groups of spectra."""

import numpy as np
import pandas as pd

from denovo.metrics import breakdown, by_value
from denovo.reports.figures.groups import draw_breakdown


def groups(names):
    rows = pd.DataFrame(
        {
            "n_matched": np.arange(len(names)) % 5,
            "n_predicted": 5,
            "n_true": 5,
            "is_right": np.arange(len(names)) % 5 == 4,
        }
    )
    return breakdown(rows, by_value(names), n_resamples=10)


def test_each_way_of_grouping_has_a_panel_that_names_its_groups_and_counts_them():
    figure = draw_breakdown({"length": groups([7, 7, 8]), "charge": groups([2, 2, 2])})
    first, second = (axes for axes in figure.axes if axes.get_visible())
    assert [label.get_text() for label in first.get_xticklabels()] == ["7", "8"]
    assert [text.get_text() for text in first.texts] == ["2", "1"]
    assert second.get_xlabel() == "charge"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["peptides", "residues"]
    figure.canvas.draw()


def test_long_names_are_cut_and_turned():
    names = [f"C[{letter * 30}]" for letter in "abc"]
    (axes,) = draw_breakdown({"modification": groups(names)}).axes
    labels = axes.get_xticklabels()
    assert all(len(label.get_text()) <= 18 for label in labels)
    assert labels[0].get_rotation() == 90
