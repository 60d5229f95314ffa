"""Bring spectra into the form that sequencers read."""

import torch

from denovo.spectra import Spectra
from denovo.typing import Bool, Float32, Tensor


def arrange_peaks(
    mz: Float32[Tensor, "batch peak"],
    intensity: Float32[Tensor, "batch peak"],
    peak_mask: Bool[Tensor, "batch peak"],
    n_peaks: int,
) -> tuple[
    Float32[Tensor, "batch kept"], Float32[Tensor, "batch kept"], Bool[Tensor, "batch kept"]
]:
    """Keep the most intense peaks, then sort them by m/z and scale to the base peak.

    The order matters: cutting a list sorted by m/z would lose the y ions at its high end.

    Parameters
    ----------
    mz, intensity : Tensor [batch, peak], float32
        Peaks in any order; intensities linear, not negative.
    peak_mask : Tensor [batch, peak], bool
        True where a peak is real.
    n_peaks : int
        Most peaks kept per spectrum.

    Returns
    -------
    mz, intensity : Tensor [batch, kept], float32
        Ascending m/z, 0 in padding; intensities in [0, 1].
    peak_mask : Tensor [batch, kept], bool
        True where a peak is real; ``kept`` is the largest number of peaks in the batch.
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


def keep_most_intense(spectra: Spectra, n_peaks: int) -> Spectra:
    """Apply `arrange_peaks` to a batch; the precursor stays as it is."""
    peaks = arrange_peaks(spectra.mz, spectra.intensity, spectra.peak_mask, n_peaks)
    return Spectra(*peaks, spectra.precursor_mass, spectra.precursor_charge)
