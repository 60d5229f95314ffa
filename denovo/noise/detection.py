"""What the detector sees: a limited dynamic range, the noise just above it, a lowest m/z."""

import torch

from denovo.chemistry import PROTON_MASS
from denovo.curriculum.stage import Noise
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.other_peptides import other_peptide_mz
from denovo.noise.peaks import ABSENT, Draw, Peaks, join
from denovo.typing import Bool, Float32, Float64, Tensor

LOWEST_MZ = 50.0
"""Below this, in Th, instruments do not scan."""

_CUT_RANGE = 50.0
"""Ratio between the highest and the lowest cut among spectra, log-uniform in between."""

_HEIGHT_SPREAD = 0.55
"""Mean log10 height of a noise peak above the cut, exponentially distributed, as measured on
Orbitrap HCD spectra."""

_LOW_NOISE = (100.0, 200.0)
"""Where noise is densest, in Th."""


def detected(
    peaks: Peaks,
    annotated: AnnotatedBatch,
    precursor_mass: Float64[Tensor, " batch"],
    is_noisy: Bool[Tensor, "batch 1"],
    noise: Noise,
    draw: Draw,
) -> Peaks:
    """Lose what is too weak or too light to be seen, and see what is not there.

    Parameters
    ----------
    peaks : Peaks
        All that reaches the detector.
    annotated : AnnotatedBatch
        The batch.
    precursor_mass : Tensor [batch], float64
        Neutral mass in Da; there is nothing above its singly charged ion.
    is_noisy : Tensor [batch, 1], bool
        Which spectra are distorted.
    noise : Noise
        ``detection_limit``, ``noise_peaks``, ``low_mz_noise``, ``other_peptide_noise`` and
        ``scan_start_mz``.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        What is seen.
    """
    base = peaks.base
    if noise.detection_limit:
        floor = base * noise.detection_limit * _CUT_RANGE ** (draw.uniform() - 1)
        peaks = peaks.where((peaks.intensity >= floor) | ~is_noisy)
    else:
        weakest = peaks.intensity.masked_fill(~peaks.is_present, torch.inf)
        floor = weakest.amin(dim=1, keepdim=True)
    if noise.noise_peaks:
        extra = _noise_peaks(annotated, precursor_mass, floor.minimum(base), base, noise, draw)
        peaks = join([peaks, extra.where(is_noisy)])
    if noise.scan_start_mz:
        peaks = peaks.where((peaks.mz >= noise.scan_start_mz * draw.uniform()) | ~is_noisy)
    return peaks


def _noise_peaks(
    annotated: AnnotatedBatch,
    precursor_mass: Float64[Tensor, " batch"],
    floor: Float32[Tensor, "batch 1"],
    base: Float32[Tensor, "batch 1"],
    noise: Noise,
    draw: Draw,
) -> Peaks:
    n = int(noise.noise_peaks)
    count = torch.floor((n + 1) * draw.uniform())
    top = (precursor_mass[:, None] + PROTON_MASS).float()
    place = draw.uniform(n)
    mz = LOWEST_MZ + place * (top - LOWEST_MZ)
    if noise.low_mz_noise:
        lowest, highest = _LOW_NOISE
        low = lowest + place * (highest - lowest)
        mz = torch.where(draw.chance(noise.low_mz_noise, n), low, mz)
    if noise.other_peptide_noise and len(top) > 1:
        foreign = other_peptide_mz(annotated, n, draw)
        is_other_peptide = draw.chance(noise.other_peptide_noise, n) & (foreign < top)
        mz = torch.where(is_other_peptide, foreign, mz)
    exponential = -torch.log1p(-draw.uniform(n))
    height = (floor * 10 ** (_HEIGHT_SPREAD * exponential)).minimum(base)
    is_there = torch.arange(n, device=mz.device) < count
    return Peaks(mz, torch.where(is_there, height, ABSENT))
