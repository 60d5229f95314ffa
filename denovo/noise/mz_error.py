"""How well m/z values are measured and written down."""

import torch

from denovo.curriculum.stage import Noise
from denovo.noise.peaks import Draw, Peaks
from denovo.noise.predicted_peaks import spread_factor
from denovo.typing import Bool, Tensor

_ROUNDED_TO = 0.01
"""In Th, by some file formats and programs."""


def calibrated(peaks: Peaks, is_noisy: Bool[Tensor, "batch 1"], noise: Noise, draw: Draw) -> Peaks:
    """Shift m/z values, all peaks of a spectrum together and each by itself, and round some.

    Parameters
    ----------
    peaks : Peaks
        Peaks at their true m/z.
    is_noisy : Tensor [batch, 1], bool
        Which spectra are distorted.
    noise : Noise
        ``mz_offset_ppm``, ``mz_scatter_ppm`` with ``spectrum_variation``, and ``rounding``.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        In the same order, which need not be that of their m/z any more.
    """
    mz = peaks.mz
    if noise.mz_offset_ppm or noise.mz_scatter_ppm:
        ppm = noise.mz_offset_ppm * (2 * draw.uniform() - 1)
        if noise.mz_scatter_ppm:
            sigma = noise.mz_scatter_ppm * spread_factor(noise, draw)
            ppm = ppm + sigma * draw.normal(mz.shape[1])
        mz = (mz.double() * (1 + 1e-6 * ppm.double())).float()
    if noise.rounding:
        rounded = (mz.double() / _ROUNDED_TO).round() * _ROUNDED_TO
        mz = torch.where(draw.chance(noise.rounding), rounded.float(), mz)
    return Peaks(torch.where(is_noisy, mz, peaks.mz), peaks.intensity)
