"""The precursor: what is left of it in the spectrum, and how well its mass is known."""

import torch

from denovo.chemistry import AMMONIA_MASS, ISOTOPE_SPACING, PROTON_MASS, WATER_MASS
from denovo.curriculum.stage import Noise
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import ABSENT, Draw, Peaks
from denovo.typing import Bool, Float32, Float64, Int, Tensor

_CHANGES = (
    *(0.0, ISOTOPE_SPACING, 2 * ISOTOPE_SPACING),
    *(-WATER_MASS, -AMMONIA_MASS, -2 * WATER_MASS),
)
"""What becomes of a precursor that does not break, in Da."""
_OFTEN = 0.45
_HEIGHT = (-1.6, 1.2)


def precursor_mz(
    mass: Float64[Tensor, " batch"], charge: Int[Tensor, " batch"]
) -> Float32[Tensor, "batch change"]:
    """Compute the m/z in Th of the precursor, its isotopes and its losses, at its own charge.

    Parameters
    ----------
    mass : Tensor [batch], float64
        Neutral mass in Da.
    charge : Tensor [batch], int64
        Charge.
    """
    changed = mass[:, None] + torch.tensor(_CHANGES, dtype=mass.dtype, device=mass.device)
    return (changed / charge[:, None] + PROTON_MASS).float()


def unfragmented_precursor(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Leave some of the precursor unbroken: itself, its isotopes, its losses of water and ammonia.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The batch.
    strength : float
        Share of the spectra that show any of them.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        One column for each of them.
    """
    mz = precursor_mz(annotated.sites.peptide_mass, annotated.batch.spectra.precursor_charge)
    n = mz.shape[1]
    is_shown = draw.chance(strength) & draw.chance(_OFTEN, n)
    height = annotated.base * draw.lognormal(*_HEIGHT, n)
    return Peaks(mz, torch.where(is_shown, height, ABSENT))


def with_precursor_error(
    mass: Float64[Tensor, " batch"], is_noisy: Bool[Tensor, "batch 1"], noise: Noise, draw: Draw
) -> Float64[Tensor, " batch"]:
    """Measure the precursor wrongly.

    Parameters
    ----------
    mass : Tensor [batch], float64
        Neutral mass in Da.
    is_noisy : Tensor [batch, 1], bool
        Which spectra are distorted.
    noise : Noise
        ``precursor_ppm``, and ``precursor_isotope``: how often the peak with one carbon-13 is taken
        for the monoisotopic one.
    draw : Draw
        Random numbers.

    Returns
    -------
    Tensor [batch], float64
        Mass in Da.
    """
    measured = mass[:, None]
    if noise.precursor_isotope:
        measured = measured + ISOTOPE_SPACING * draw.chance(noise.precursor_isotope)
    if noise.precursor_ppm:
        measured = measured * (1 + 1e-6 * noise.precursor_ppm * draw.normal().double())
    return torch.where(is_noisy, measured, mass[:, None]).squeeze(1)
