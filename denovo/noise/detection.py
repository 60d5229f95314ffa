"""Detection: dynamic range, noise peaks, range and resolution of the scan, errors of m/z values."""

import torch

from denovo.chemistry import PROTON_MASS
from denovo.curriculum.stage import Noise
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.other_peptides import other_peptide_mz
from denovo.noise.peaks import ABSENT, Draw, Peaks, join
from denovo.noise.predicted_peaks import spread_factor
from denovo.typing import Bool, Float32, Float64, Tensor

LOWEST_MZ = 50.0
"""Lowest m/z of a noise peak, in Th."""

_CUT_RANGE = 50.0
"""Ratio of the highest to the lowest detection limit among spectra; log-uniform in between."""

_HEIGHT_SPREAD = 0.55
"""Mean of log10 of the intensity of a noise peak relative to the detection limit, exponentially
distributed, as measured on Orbitrap HCD spectra."""

_LOW_NOISE = (100.0, 200.0)
"""m/z range in Th where noise peaks are densest."""

_ROUNDED_TO = 0.01
"""Step in Th to which some file formats and programs round."""


def detected(
    peaks: Peaks,
    annotated: AnnotatedBatch,
    precursor_mass: Float64[Tensor, " batch"],
    is_noisy: Bool[Tensor, "batch 1"],
    noise: Noise,
    draw: Draw,
) -> Peaks:
    """Remove peaks below the detection limit or the start of the scan, add noise, merge peaks.

    Only the spectra marked in `is_noisy` change. No noise peak lies above the singly charged
    precursor, computed from the neutral mass in Da.
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
    if noise.low_mass_cutoff:
        charge = annotated.batch.spectra.precursor_charge
        lowest = noise.low_mass_cutoff * (precursor_mass / charge + PROTON_MASS).float()
        peaks = peaks.where((peaks.mz >= lowest[:, None]) | ~is_noisy)
    return unresolved(peaks, is_noisy, noise.peak_width_da) if noise.peak_width_da else peaks


def unresolved(peaks: Peaks, is_noisy: Bool[Tensor, "batch 1"], width: float) -> Peaks:
    """Merge the peaks of noisy spectra that stand nearer to each other than ``width``, in Th.

    The merged peak has the sum of their intensities and stands at the mean of their m/z, weighted
    by intensity. The result is in ascending m/z.
    """
    mz, order = peaks.mz.masked_fill(~peaks.is_present, torch.inf).sort(dim=1)
    intensity = peaks.intensity.gather(1, order)
    is_there = intensity >= 0
    is_first = (mz[:, 1:] - mz[:, :-1] >= width) | ~is_there[:, 1:]
    group = torch.nn.functional.pad(is_first.long().cumsum(dim=1), (1, 0))
    weight = intensity.clamp(min=torch.finfo(intensity.dtype).tiny).double() * is_there
    total = torch.zeros_like(weight).scatter_add_(1, group, weight)
    moment = weight * mz.where(is_there, 0.0).double()
    moment = torch.zeros_like(weight).scatter_add_(1, group, moment)
    merged = Peaks((moment / total).float(), torch.where(total > 0, total.float(), ABSENT))
    mz = torch.where(is_noisy, merged.mz, mz)
    intensity = torch.where(is_noisy, merged.intensity, intensity)
    return Peaks(mz.where(intensity >= 0, 0.0), intensity)


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
    if noise.mz_scatter_da:
        sigma = noise.mz_scatter_da * spread_factor(noise, draw)
        mz = (mz + sigma * draw.normal(mz.shape[1])).clamp(min=0.0)
    if noise.rounding:
        rounded = (mz.double() / _ROUNDED_TO).round() * _ROUNDED_TO
        mz = torch.where(draw.chance(noise.rounding), rounded.float(), mz)
    return Peaks(torch.where(is_noisy, mz, peaks.mz), peaks.intensity)
