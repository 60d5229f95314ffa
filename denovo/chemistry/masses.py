"""Masses of small molecules, and conversion between neutral masses and m/z."""

from typing import TypeVar

from denovo.chemistry.pyteomics_mass import mass
from denovo.typing import Tensor, ndarray

PROTON_MASS: float = mass.nist_mass["H+"][0][0]
"""Mass of H+ in Da."""

WATER_MASS: float = mass.calculate_mass(formula="H2O")
"""Mass of H2O in Da: mass of a peptide minus the sum of its residues."""

AMMONIA_MASS: float = mass.calculate_mass(formula="NH3")
"""Mass of NH3 in Da."""

CARBON_MONOXIDE_MASS: float = mass.calculate_mass(formula="CO")
"""Mass of CO in Da: mass difference of a b ion and its a ion."""

ISOTOPE_SPACING: float = mass.nist_mass["C"][13][0] - mass.nist_mass["C"][12][0]
"""Mass difference of carbon-13 and carbon-12 in Da."""


Masses = TypeVar("Masses", float, ndarray, Tensor)


def mass_to_mz(mass: Masses, charge: int | ndarray | Tensor) -> Masses:
    """Convert neutral masses to m/z.

    Parameters
    ----------
    mass : float, array or Tensor
        Neutral monoisotopic mass in Da.
    charge : int, array or Tensor
        Positive charge state.

    Returns
    -------
    float, array or Tensor
        m/z in Th of the ion that carries ``charge`` protons.
    """
    return mass / charge + PROTON_MASS  # pyright: ignore[reportReturnType]


def mz_to_mass(mz: Masses, charge: int | ndarray | Tensor) -> Masses:
    """Convert m/z to neutral masses, the inverse of `mass_to_mz`.

    Parameters
    ----------
    mz : float, array or Tensor
        m/z in Th.
    charge : int, array or Tensor
        Positive charge state.

    Returns
    -------
    float, array or Tensor
        Neutral monoisotopic mass in Da.
    """
    return (mz - PROTON_MASS) * charge  # pyright: ignore[reportReturnType]
