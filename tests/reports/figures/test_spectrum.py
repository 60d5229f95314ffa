"""Pictures of example spectra."""

from denovo.reports.figures.spectrum import draw_example
from tests.helpers.runs import example


def test_the_picture_names_explained_peaks_and_both_peptides():
    head, axes = draw_example(example(is_right=False)).axes
    assert {text.get_text() for text in axes.texts} == {"b2"}  # y1 of the truth is no y1 of D
    words = [text.get_text() for text in head.texts]
    assert words[:2] == ["answer", "truth"]
    assert "".join(words[2:16]) == "PEPTIEDPEPTIDE"
    assert words[16] == "wrong, +1.5 ppm, charge 2+"


def test_wrong_residues_are_told_apart_without_colour():
    head = draw_example(example(is_right=False)).axes[0]
    assert [t.get_text() for t in head.texts if t.get_fontweight() == "bold"] == ["I", "E", "D"]
    assert len(head.lines) == 3


def test_an_answer_without_residues_can_be_drawn():
    head, axes = draw_example(example(is_right=False, residues=())).axes
    assert "no residue" in [text.get_text() for text in head.texts]
    assert len(axes.texts) == 0
