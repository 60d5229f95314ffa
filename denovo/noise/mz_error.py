"""Errors of measured m/z values: calibration, scatter, rounding."""

import torch

from denovo.curriculum.stage import Noise
from denovo.noise.peaks import Draw, Peaks
from denovo.noise.predicted_peaks import spread_factor
from denovo.typing import Bool, Tensor

_ROUNDED_TO = 0.01
"""Step in Th to which some file formats and programs round."""


def calibrated(peaks: Peaks, is_noisy: Bool[Tensor, "batch 1"], noise: Noise, draw: Draw) -> Peaks:
    """Shift the m/z of noisy spectra, per spectrum and per peak, and round some to 0.01 Th.

    The result keeps the order of the peaks, which may no longer be that of their m/z.
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
