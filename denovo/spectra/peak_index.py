"""The peaks of a whole batch in one sorted array, to look many m/z up at once."""

from dataclasses import dataclass

import numpy as np

from denovo.chemistry import Tolerance
from denovo.spectra.batch import Spectra
from denovo.typing import Bool, Float64, Int, ndarray

_ROW = 1e5
"""Distance in Th between the peaks of neighbouring spectra, more than any m/z."""
_HIGHEST = 4e4
"""Th; m/z beyond are looked up here, where no peak is."""


@dataclass(frozen=True)
class PeakIndex:
    """Peaks of a batch, ordered by spectrum and m/z.

    Parameters
    ----------
    key : array [entry], float64
        Row times 10^5 plus m/z, ascending.
    intensity : array [entry], float64
        Intensity of each peak.
    row : array [entry], int64
        Its spectrum.
    """

    key: Float64[ndarray, " entry"]
    intensity: Float64[ndarray, " entry"]
    row: Int[ndarray, " entry"]

    @classmethod
    def of(cls, spectra: Spectra) -> "PeakIndex":
        """Index the real peaks of a batch."""
        row, column = (index.cpu().numpy() for index in spectra.peak_mask.nonzero(as_tuple=True))
        mz = spectra.mz.cpu().numpy()[row, column].astype(np.float64)
        intensity = spectra.intensity.cpu().numpy()[row, column].astype(np.float64)
        return cls(row * _ROW + np.minimum(mz, _HIGHEST), intensity, row)

    def nearest(
        self,
        row: Int[ndarray, " query"],
        mz: Float64[ndarray, " query"],
        tolerance: Tolerance,
    ) -> tuple[Int[ndarray, " query"], Bool[ndarray, " query"]]:
        """Find the nearest peak of each query.

        Parameters
        ----------
        row : array [query], int64
            Spectrum to look in.
        mz : array [query], float64
            Theoretical m/z in Th.
        tolerance : Tolerance
            How far off a peak may lie.

        Returns
        -------
        entry : array [query], int64
            Number of the nearest peak in the index.
        is_hit : array [query], bool
            Whether it lies within the tolerance.
        """
        if not len(self.key):
            return np.zeros(len(mz), dtype=np.int64), np.zeros(len(mz), dtype=bool)
        mz = np.minimum(mz, 2 * _HIGHEST)
        key = row * _ROW + mz
        above = np.searchsorted(self.key, key).clip(1, max(len(self.key) - 1, 1))
        below = above - 1
        above = above.clip(max=len(self.key) - 1)
        entry = np.where(key - self.key[below] <= self.key[above] - key, below, above)
        distance = np.abs(self.key[entry] - key)
        return entry, distance <= np.asarray(tolerance.half_width(mz))
