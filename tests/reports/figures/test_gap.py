"""Simulated and measured spectra beside each other."""

from denovo.reports.figures.groups import draw_gap, draw_groups_beside

SHARE = {"peptide_recall": 0.5, "peptide_recall_low": 0.4, "peptide_recall_high": 0.6}
SHARE |= {"aa_precision": 0.7, "aa_precision_low": float("nan"), "aa_precision_high": float("nan")}


def group(name, listed=None):
    return {"group": name, "n_spectra": 1200, "listed": listed, **SHARE}


def test_every_set_has_a_line_and_every_sequencer_a_colour():
    figure = draw_gap({"one": {"clean": SHARE, "a.mgf": SHARE}, "two": {"a.mgf": SHARE}})
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["clean", "a.mgf"]
    assert (left.get_xlabel(), right.get_xlabel()) == ("peptide recall", "AA precision")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two"]
    figure.canvas.draw()
    assert draw_gap({"one": {"clean": SHARE}}).legends == []


def test_groups_stand_in_order_with_their_numbers_and_lists_where_there_are_any():
    groups = {"measured": [group("up to 8", 0.9), group("9 - 11", 0.8)]}
    groups["simulated"] = [group("12 - 14"), group("9 - 11")]
    figure = draw_groups_beside({"residues": groups})
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == ["up to 8", "9 - 11", "12 - 14"]
    assert [text.get_text() for text in axes.texts] == ["1,200"] * 4
    legend = {text.get_text() for text in figure.legends[0].get_texts()}
    assert legend == {"measured: listed", "measured: read", "simulated: read"}
    figure.canvas.draw()
