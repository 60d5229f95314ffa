"""Measured spectra as batches that a sequencer reads."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from denovo.chemistry import mz_to_mass
from denovo.io import MeasuredSpectrum
from denovo.spectra import Spectra
from denovo.typing import Bool, Float32, Float64, Int, Tensor, ndarray


def batch_of(
    spectra: Sequence[MeasuredSpectrum],
    charges: Sequence[int],
    n_peaks: int,
    intensity_power: float | int = 1.0,
) -> Spectra:
    """Put spectra of files side by side, as training has shown them to a network.

    Parameters
    ----------
    spectra : sequence of MeasuredSpectrum
        The spectra, with peaks.
    charges : sequence of int
        Charge to assume for each.
    n_peaks : int
        How many of the most intense peaks of a spectrum are kept.
    intensity_power : float
        Exponent on the intensities of the file; 2 undoes a square root that was stored.

    Returns
    -------
    Spectra
        One row for each spectrum.
    """
    rows = [most_intense(s.mz, s.intensity, n_peaks) for s in spectra]
    mz = [mz.astype(np.float32) for mz, _ in rows]
    relative = [relative_intensity(intensity, intensity_power) for _, intensity in rows]
    charge = np.asarray(charges, dtype=np.int64)
    mass = mz_to_mass(np.array([s.precursor_mz for s in spectra], dtype=np.float64), charge)
    return Spectra(*pad_peaks(mz, relative), torch.from_numpy(mass), torch.from_numpy(charge))


def most_intense(
    mz: Float64[ndarray, " peak"], intensity: Float64[ndarray, " peak"], n_peaks: int
) -> tuple[Float64[ndarray, " kept"], Float64[ndarray, " kept"]]:
    """Keep the most intense peaks in order of m/z; of equal ones those of lower m/z."""
    if len(mz) <= n_peaks:
        return mz, intensity
    kept = np.sort(np.argsort(-intensity, kind="stable")[:n_peaks])
    return mz[kept], intensity[kept]


def relative_intensity(
    intensity: Float64[ndarray, " peak"], power: float | int
) -> Float32[ndarray, " peak"]:
    """Divide by the base peak, then raise to a power."""
    return ((intensity / intensity.max()) ** power).astype(np.float32)


def pad_peaks(
    mz: Sequence[Float32[ndarray, " _"]], intensity: Sequence[Float32[ndarray, " _"]]
) -> tuple[
    Float32[Tensor, "batch peak"], Float32[Tensor, "batch peak"], Bool[Tensor, "batch peak"]
]:
    """Stack the peaks of spectra, padded with 0 to the longest, and mark the real ones."""
    n_peaks: Int[Tensor, " batch"] = torch.tensor([len(peaks) for peaks in mz])
    padded_mz, padded_intensity = (
        pad_sequence([torch.from_numpy(peaks) for peaks in rows], batch_first=True)
        for rows in (mz, intensity)
    )
    peak_mask = torch.arange(padded_mz.shape[1]) < n_peaks[:, None]
    return padded_mz, padded_intensity, peak_mask
