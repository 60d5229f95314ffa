"""Ions of a peptide, and the peaks that they explain."""

import numpy as np
import pytest

from denovo.chemistry import parse_peptide, with_mass_shifts
from denovo.spectra.explain import ALL_KINDS, explain_peaks, ions_of
from tests.helpers.runs import read


def by_label(residues, charge, kinds="yb"):
    return {ion.label: ion.mz for ion in ions_of(residues, charge, kinds)}


def test_fragments_of_peptide_have_the_published_masses():
    """PEPTIDE in the fragment calculators of the field, monoisotopic, +-0.001 Th."""
    found = by_label(read(*"PEPTIDE"), 3)
    published = {"b2": 227.1026, "b6": 653.3141, "y1": 148.0604, "y6": 703.3145, "y6²⁺": 352.1609}
    assert {name: found[name] for name in published} == pytest.approx(published, abs=1e-3)
    assert len(found) == 4 * 6


def test_a_fragment_carries_fewer_protons_than_the_precursor():
    assert not any("⁺" in label for label in by_label(read(*"PEPTIDE"), 2))
    assert {"y6²⁺", "y6³⁺"} <= by_label(read(*"PEPTIDE"), 4).keys()


def test_the_terminal_modification_is_part_of_every_b_ion_and_no_residue():
    plain = by_label(read("P", "E", "K"), 2)
    acetylated = by_label(read("[UNIMOD:1]-", "P", "E", "K"), 2)
    assert acetylated.keys() == plain.keys() == {"b1", "b2", "y1", "y2"}
    assert acetylated["b1"] - plain["b1"] == pytest.approx(42.01057)
    assert acetylated["y2"] == pytest.approx(plain["y2"])


@pytest.mark.parametrize("residues", [(), read("[UNIMOD:1]-"), read("K")])
def test_a_peptide_without_bonds_has_no_fragments(residues):
    assert ions_of(residues, 3) == []


def test_a_peak_is_explained_within_20_ppm():
    y1 = next(ion for ion in ions_of(read(*"PEPTIDE"), 2) if ion.label == "y1")
    peaks = [y1.mz * (1 + ppm * 1e-6) for ppm in (-19, 19, 21)] + [200.0]
    assert explain_peaks(np.array(peaks), read(*"PEPTIDE"), 2) == [y1, y1, None, None]


def test_an_ion_that_lost_nothing_is_plainer_than_one_that_did():
    """b2 without water and y1 both lie within half a Th."""
    kinds = [ion.kind for ion in ions_of(read(*"PEPTIDE"), 2, ALL_KINDS)]
    labels = [ion.label for ion in ions_of(read(*"PEPTIDE"), 2, "yba")]
    assert labels.index("") == len([label for label in labels if label])
    assert kinds[-1] == "m"


@pytest.mark.parametrize("charge", [2, 3, 4])
def test_terminal_ions_agree_with_spectrum_utils(common, charge):
    annotation = pytest.importorskip("spectrum_utils.fragment_annotation")
    proforma = pytest.importorskip("spectrum_utils.proforma")
    peptide = "[UNIMOD:1]-PEM[UNIMOD:35]TC[UNIMOD:4]DEK"
    (proteoform,) = proforma.parse(with_mass_shifts(peptide, common.alphabet))
    losses = {None: 0.0, "H2O": -18.010565, "NH3": -17.026549}
    expected = annotation.get_theoretical_fragments(
        proteoform, "yba", max_charge=charge - 1, neutral_losses=losses
    )
    residues = [common.alphabet.by_name[n] for n in parse_peptide(peptide, common.alphabet)]
    found = ions_of(residues, charge, "yba")
    assert sorted(ion.mz for ion in found) == pytest.approx(sorted(mz for _, mz in expected), 1e-7)
    named = {(ion.ion_type, ion.charge): mz for ion, mz in expected if ion.neutral_loss is None}
    for ion in found:
        if ion.label:
            assert named[f"{ion.kind}{ion.ordinal}", ion.charge] == pytest.approx(ion.mz, 1e-7)
