"""Peaks of the unfragmented precursor, and errors of the precursor mass."""

import torch

from denovo.chemistry import AMMONIA_MASS, ISOTOPE_SPACING, PROTON_MASS, WATER_MASS
from denovo.curriculum.stage import Noise
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.neutral_losses import losses_of
from denovo.noise.peaks import ABSENT, Draw, Peaks, join
from denovo.typing import Bool, Float32, Float64, Int, Tensor

_CHANGES = (
    *(0.0, ISOTOPE_SPACING, 2 * ISOTOPE_SPACING),
    *(-WATER_MASS, -AMMONIA_MASS, -2 * WATER_MASS),
)
"""Mass changes of the unfragmented precursor in Da: isotopes and losses."""
_PROBABILITY = 0.45
"""Probability of each of these ions."""
_HEIGHT = (-1.6, 1.2)
"""Logarithm of the intensity relative to the base peak: mean and standard deviation."""


_LOST = (WATER_MASS, AMMONIA_MASS, 2 * WATER_MASS, WATER_MASS + AMMONIA_MASS)
_OFTEN, _HIGH = 0.85, (-1.7, 1.1)
"""Probability of each of these losses in Da in an ion trap, and the logarithm of the intensity
relative to the base peak (mean and standard deviation): of 243 CID spectra of bovine serum albumin
0.7 to 0.98 show each where the file keeps the region, 0.10 to 0.58 as high as the base peak."""


def precursor_mz(
    mass: Float64[Tensor, " batch"], charge: Int[Tensor, " batch"]
) -> Float32[Tensor, "batch change"]:
    """Compute the m/z of the precursor, its isotopes and its losses, at its own charge.

    Parameters
    ----------
    mass : Tensor [batch], float64
        Neutral mass in Da.
    charge : Tensor [batch], int64
        Positive charge state.

    Returns
    -------
    Tensor [batch, change], float32
        m/z in Th.
    """
    changed = mass[:, None] + torch.tensor(_CHANGES, dtype=mass.dtype, device=mass.device)
    return (changed / charge[:, None] + PROTON_MASS).float()


def unfragmented_precursor(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the precursor, its isotopes and its losses to a share of the spectra."""
    charge = annotated.batch.spectra.precursor_charge
    mz = precursor_mz(annotated.sites.peptide_mass, charge)
    is_shown = draw.chance(strength)
    parts = [_at(mz, is_shown, annotated, draw)]
    for loss, holds in losses_of(annotated.vocabulary, mz.device):
        if loss.from_precursor:
            can_lose = holds[annotated.batch.tokens].any(dim=1, keepdim=True)
            lost = (mz[:, :1].double() - loss.mass / charge[:, None]).float()
            parts.append(_at(lost, is_shown & can_lose, annotated, draw))
    return join(parts)


def precursor_losses(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the precursor without water and ammonia, once and twice, to a share of the spectra.

    An ion trap excites the precursor alone, so that what it loses first is among the highest peaks.
    """
    charge = annotated.batch.spectra.precursor_charge[:, None]
    lost = annotated.sites.peptide_mass.new_tensor(_LOST)
    mz = ((annotated.sites.peptide_mass[:, None] - lost) / charge + PROTON_MASS).float()
    n = mz.shape[1]
    is_there = draw.chance(strength) & draw.chance(_OFTEN, n)
    height = annotated.base * draw.lognormal(*_HIGH, n)
    return Peaks(mz, torch.where(is_there, height, ABSENT))


def _at(
    mz: Float32[Tensor, "batch ion"],
    is_shown: Bool[Tensor, "batch 1"],
    annotated: AnnotatedBatch,
    draw: Draw,
) -> Peaks:
    n = mz.shape[1]
    is_there = is_shown & draw.chance(_PROBABILITY, n)
    height = annotated.base * draw.lognormal(*_HEIGHT, n)
    return Peaks(mz, torch.where(is_there, height, ABSENT))


def with_precursor_error(
    mass: Float64[Tensor, " batch"], is_noisy: Bool[Tensor, "batch 1"], noise: Noise, draw: Draw
) -> Float64[Tensor, " batch"]:
    """Add a ppm error and, in some spectra, an isotope error to neutral masses in Da.

    An isotope error means that the instrument took the peak with one carbon-13 for the monoisotopic
    one.
    """
    measured = mass[:, None]
    if noise.precursor_isotope:
        measured = measured + ISOTOPE_SPACING * draw.chance(noise.precursor_isotope)
    if noise.precursor_ppm:
        measured = measured * (1 + 1e-6 * noise.precursor_ppm * draw.normal().double())
    return torch.where(is_noisy, measured, mass[:, None]).squeeze(1)
