"""Neutral masses and m/z values, kept apart: the only place where protons are added."""

from typing import TypeVar

from denovo.chemistry.constants import PROTON_MASS
from denovo.typing import Tensor, ndarray

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
