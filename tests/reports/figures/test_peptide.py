"""The letters of a peptide with their cleavages, scores and doubts."""

import pytest
from matplotlib.figure import Figure

from denovo.reports.figures.peptide import draw_cleavages
from denovo.reports.figures.style import labels_that_fit
from denovo.spectra.prediction import Region

NAMES = ["[UNIMOD:1]-", "P", "E", "M[UNIMOD:35]", "K"]


def ladder(found=None, scores=(), regions=()):
    axes = Figure().add_subplot()
    draw_cleavages(axes, NAMES, found or {"b": set(), "y": set()}, scores, regions)
    return axes


def test_modified_residues_and_termini_have_a_star():
    texts = {text.get_text(): text.get_position()[0] for text in ladder().texts}
    assert texts.keys() == {"P", "E", "M", "K", "*"}
    stars = sorted(t.get_position()[0] for t in ladder().texts if t.get_text() == "*")
    assert stars == pytest.approx([0.1, 2.8])


def test_a_hook_stands_where_the_peptide_broke_and_points_to_the_terminus_it_holds():
    lines = ladder({"b": {1}, "y": {1}}).lines
    (b, y) = (line.get_xdata() for line in lines)
    assert b[0] == 1
    assert b[-1] < 1
    assert y[0] == 3
    assert y[-1] > 3
    assert lines[0].get_color() != lines[1].get_color()


def test_each_score_is_a_bar_as_high_as_the_residue_is_probable():
    patches = ladder(scores=(1.0, 0.25, 0.95, 0.5)).patches
    full, bars = patches[::2], patches[1::2]
    heights = [bar.get_height() / f.get_height() for bar, f in zip(bars, full, strict=True)]
    assert heights == pytest.approx([1.0, 0.25, 0.95, 0.5])
    assert len({bar.get_facecolor() for bar in bars}) == 3


def test_an_ambiguous_region_is_framed_from_its_first_residue_to_its_last():
    (frame,) = ladder(regions=(Region(2, 3, ("EM", "ME")),)).patches
    assert 1 < frame.get_x() < 1.2
    assert 2.8 < frame.get_x() + frame.get_width() < 3


def test_of_labels_that_would_cover_each_other_the_highest_is_kept():
    mz, heights = [100.0, 101.0, 500.0, 900.0], [0.5, 0.52, 0.01, 0.3]
    assert labels_that_fit(mz, heights, dict.fromkeys(range(4), "y1"), (0.05, 0.1)) == [1, 3]
    assert labels_that_fit([], [], {}, (0.05, 0.1)) == []


def test_long_labels_need_more_room():
    mz, heights = [100.0, 160.0, 1000.0], [0.5, 0.45, 1.0]
    short, long = ({0: "b2", 1: label, 2: "y9"} for label in ("y1", "SRPAAPPA"))
    assert labels_that_fit(mz, heights, short, (0.05, 0.1)) == [2, 0, 1]
    assert labels_that_fit(mz, heights, long, (0.05, 0.1)) == [2, 0]
