"""Golden masses: NIST/CODATA and Unimod, to the last digit given there."""

import importlib
import sys

import pytest

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    ISOTOPE_SPACING,
    PROTON_MASS,
    WATER_MASS,
    Vocabulary,
    pyteomics_mass,
)


@pytest.mark.parametrize(
    ("mass", "literal"),
    [
        (PROTON_MASS, 1.007276),
        (WATER_MASS, 18.010565),
        (AMMONIA_MASS, 17.026549),
        (CARBON_MONOXIDE_MASS, 27.994915),
        (ISOTOPE_SPACING, 1.003355),
    ],
)
def test_masses_of_small_species_are_the_published_ones(mass: float, literal: float) -> None:
    assert mass == pytest.approx(literal, abs=5e-7)


# Monoisotopic residue masses as printed in textbooks (Kinter and Sherman, Protein Sequencing and
# Identification Using Tandem Mass Spectrometry, 2000), and Unimod's monoisotopic shifts.
RESIDUES = {
    "G": 57.02146,
    "A": 71.03711,
    "S": 87.03203,
    "P": 97.05276,
    "V": 99.06841,
    "T": 101.04768,
    "L": 113.08406,
    "I": 113.08406,
    "N": 114.04293,
    "D": 115.02694,
    "Q": 128.05858,
    "K": 128.09496,
    "E": 129.04259,
    "M": 131.04049,
    "H": 137.05891,
    "F": 147.06841,
    "R": 156.10111,
    "Y": 163.06333,
    "W": 186.07931,
    "C[UNIMOD:4]": 103.00919 + 57.021464,
    "M[UNIMOD:35]": 131.04049 + 15.994915,
    "N[UNIMOD:7]": 114.04293 + 0.984016,
    "Q[UNIMOD:7]": 128.05858 + 0.984016,
    "[UNIMOD:1]-": 42.010565,
    "[UNIMOD:5]-": 43.005814,
    "[UNIMOD:385]-": -17.026549,
}


def test_every_residue_of_the_common_alphabet_weighs_what_the_literature_says(
    common: Vocabulary,
) -> None:
    masses = {residue.name: residue.mass for residue in common.alphabet.residues}
    assert masses == pytest.approx(RESIDUES, abs=2e-5)


def test_the_database_of_pyteomics_can_be_imported_after_the_masses(monkeypatch):
    monkeypatch.delitem(sys.modules, "pyteomics.mass.unimod", raising=False)
    importlib.reload(pyteomics_mass)
    assert "pyteomics.mass.unimod" not in sys.modules
