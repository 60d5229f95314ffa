"""Figures of groups of spectra."""

from denovo.evaluation.figures import shares_of
from denovo.reports.figures.groups import draw_groups, draw_sets
from tests.helpers.evaluations import scored_rows


def groups(names):
    return [{"group": name, **shares_of(scored_rows(10 + n))} for n, name in enumerate(names)]


def test_each_way_of_grouping_has_a_panel_that_names_its_groups_and_counts_them():
    both = {"measured": groups(["9 - 11", "up to 8"]), "simulated": groups(["9 - 11"])}
    figure = draw_groups({"length": both, "charge": {"measured": groups(["2"])}})
    first, second = (axes for axes in figure.axes if axes.get_visible())
    assert [label.get_text() for label in first.get_xticklabels()] == ["up to 8", "9 - 11"]
    assert sorted(text.get_text() for text in first.texts) == ["10", "10", "11"]
    assert second.get_xlabel() == "charge"
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert {"measured: peptides", "simulated: residues", "measured: truth listed"} <= set(legend)
    figure.canvas.draw()


def test_long_names_are_cut_and_turned():
    names = [f"C[{letter * 30}]" for letter in "abcd"]
    axes = draw_groups({"modification": {"measured": groups(names)}}).axes[0]
    labels = axes.get_xticklabels()
    assert all(len(label.get_text()) <= 18 for label in labels)
    assert labels[0].get_rotation() == 90


def test_each_set_has_a_line_and_each_network_a_colour():
    sets = dict(zip("ab", groups("ab"), strict=True))
    figure = draw_sets({"one": sets, "two": {"b": sets["b"]}})
    recall, _ = figure.axes
    assert [label.get_text() for label in recall.get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two"]
