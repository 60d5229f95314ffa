"""Which peaks a prediction explains."""

import pytest

from denovo.reports.figures.spectrum import draw_example, explain, fragments_of
from tests.helpers.runs import example, read


def by_label(residues, charge):
    return {fragment.label: fragment.mz for fragment in fragments_of(residues, charge)}


def test_fragments_of_peptide_have_the_published_masses():
    """PEPTIDE in the fragment calculators of the field, monoisotopic, +-0.001 Th."""
    found = by_label(read(*"PEPTIDE"), 3)
    published = {"b2": 227.1026, "b6": 653.3141, "y1": 148.0604, "y6": 703.3145, "y6²⁺": 352.1609}
    assert {name: found[name] for name in published} == pytest.approx(published, abs=1e-3)
    assert len(found) == 4 * 6


def test_doubly_charged_fragments_need_a_precursor_of_three_charges():
    assert not any("²⁺" in label for label in by_label(read(*"PEPTIDE"), 2))


def test_the_terminal_modification_is_part_of_every_b_ion_and_no_residue():
    plain = by_label(read("P", "E", "K"), 2)
    acetylated = by_label(read("[UNIMOD:1]-", "P", "E", "K"), 2)
    assert acetylated.keys() == plain.keys() == {"b1", "b2", "y1", "y2"}
    assert acetylated["b1"] - plain["b1"] == pytest.approx(42.01057)
    assert acetylated["y2"] == pytest.approx(plain["y2"])


@pytest.mark.parametrize("residues", [(), read("[UNIMOD:1]-"), read("K")])
def test_a_peptide_without_bonds_has_no_fragments(residues):
    assert fragments_of(residues, 3) == []


def test_a_peak_is_explained_within_20_ppm():
    fragments = fragments_of(read(*"PEPTIDE"), 2)
    y1 = next(f for f in fragments if f.label == "y1")
    peaks = [y1.mz * (1 + ppm * 1e-6) for ppm in (-19, 19, 21)] + [200.0]
    assert explain(peaks, fragments) == [y1, y1, None, None]


def test_the_picture_names_explained_peaks_and_both_peptides():
    head, axes = draw_example(example(is_right=False)).axes
    assert {text.get_text() for text in axes.texts} == {"b2"}  # y1 of the truth is no y1 of D
    words = [text.get_text() for text in head.texts]
    assert words[:2] == ["read", "truth"]
    assert "".join(words[2:16]) == "PEPTIEDPEPTIDE"
    assert words[16] == "wrong, +1.5 ppm, charge 2+"


def test_wrong_residues_are_told_apart_without_colour():
    head = draw_example(example(is_right=False)).axes[0]
    assert [t.get_text() for t in head.texts if t.get_fontweight() == "bold"] == ["I", "E", "D"]
    assert len(head.lines) == 3


def test_an_answer_without_residues_can_be_drawn():
    head, axes = draw_example(example(is_right=False, residues=())).axes
    assert "nothing" in [text.get_text() for text in head.texts]
    assert len(axes.texts) == 0
