"""Deviations from predicted fragments: scattered intensities and missing ions."""

import torch

from denovo.curriculum.stage import Noise
from denovo.noise.peaks import Draw, Peaks
from denovo.typing import Bool, Float32, Tensor


def fragmented(peaks: Peaks, noise: Noise, draw: Draw) -> Peaks:
    """Scatter the intensities of predicted peaks, and remove some of the peaks.

    ``peak_dropout`` removes the weakest peaks first; ``ion_dropout`` removes peaks of any
    intensity.
    """
    n = peaks.mz.shape[1]
    is_kept = peaks.is_present
    if noise.peak_dropout:
        is_kept = is_kept & ~_weakest(peaks, noise.peak_dropout, draw)
    if noise.ion_dropout:
        is_kept = is_kept & ~draw.chance(noise.ion_dropout * draw.uniform(), n)
    if noise.intensity_sigma:
        sigma = noise.intensity_sigma * spread_factor(noise, draw)
        peaks = Peaks(peaks.mz, peaks.intensity * torch.exp(sigma * draw.normal(n)))
    return peaks.where(is_kept)


def spread_factor(noise: Noise, draw: Draw) -> Float32[Tensor, "batch 1"] | float:
    """Draw the factor by which the standard deviations of a spectrum differ from the mean."""
    if not noise.spectrum_variation:
        return 1.0
    return 1 + noise.spectrum_variation * (2 * draw.uniform() - 1)


def _weakest(peaks: Peaks, strength: float, draw: Draw) -> Bool[Tensor, "batch peak"]:
    share = strength * draw.uniform()
    # Weak peaks go first, but not strictly so: one unit of log intensity is one standard deviation.
    height = peaks.intensity.clamp(min=1e-9).log() + draw.normal(peaks.mz.shape[1])
    height = height.masked_fill(~peaks.is_present, torch.inf)
    rank = height.argsort(dim=1).argsort(dim=1)
    return rank < (share * peaks.is_present.sum(dim=1, keepdim=True)).floor()
