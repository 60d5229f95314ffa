"""Selection of the most intense peaks, and intensities relative to the base peak."""

import numpy as np
import torch

from denovo.typing import Bool, Float32, Float64, Tensor, ndarray


def arrange_peaks(
    mz: Float32[Tensor, "batch peak"],
    intensity: Float32[Tensor, "batch peak"],
    peak_mask: Bool[Tensor, "batch peak"],
    n_peaks: int,
) -> tuple[
    Float32[Tensor, "batch kept"], Float32[Tensor, "batch kept"], Bool[Tensor, "batch kept"]
]:
    """Keep the most intense peaks, then sort them by m/z and scale to the base peak.

    The order matters: truncation after the sorting would remove the y ions at high m/z.

    Parameters
    ----------
    mz, intensity : Tensor [batch, peak], float32
        Peaks in any order; intensities linear, not negative.
    peak_mask : Tensor [batch, peak], bool
        True for real peaks.
    n_peaks : int
        Largest number of peaks per spectrum.

    Returns
    -------
    mz, intensity : Tensor [batch, kept], float32
        Ascending m/z, 0 in padding; intensities in [0, 1].
    peak_mask : Tensor [batch, kept], bool
        True for real peaks; ``kept`` is the largest number of peaks in the batch.
    """
    wanted = intensity.masked_fill(~peak_mask, -1.0)
    if n_peaks < wanted.shape[1]:
        wanted, strongest = wanted.topk(n_peaks, dim=1)
        mz = mz.gather(1, strongest)
    present = wanted >= 0
    mz, order = mz.masked_fill(~present, torch.inf).sort(dim=1, stable=True)
    n_kept = max(int(present.sum(dim=1).max()) if len(mz) else 0, 1)
    mz, order = mz[:, :n_kept], order[:, :n_kept]
    peak_mask = present.gather(1, order)
    intensity = wanted.gather(1, order).masked_fill(~peak_mask, 0.0)
    base = intensity.amax(dim=1, keepdim=True).clamp(min=torch.finfo(intensity.dtype).tiny)
    return mz.masked_fill(~peak_mask, 0.0), intensity / base, peak_mask


def most_intense(
    mz: Float64[ndarray, " peak"], intensity: Float64[ndarray, " peak"], n_peaks: int
) -> tuple[Float64[ndarray, " kept"], Float64[ndarray, " kept"]]:
    """Keep the most intense peaks, in order of m/z; among equal ones, those of lower m/z."""
    if len(mz) <= n_peaks:
        return mz, intensity
    kept = np.sort(np.argsort(-intensity, kind="stable")[:n_peaks])
    return mz[kept], intensity[kept]


def relative_intensity(
    intensity: Float64[ndarray, " peak"], power: float | int
) -> Float32[ndarray, " peak"]:
    """Divide by the base peak, then raise to a power."""
    return ((intensity / intensity.max()) ** power).astype(np.float32)
