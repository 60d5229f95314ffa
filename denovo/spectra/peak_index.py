"""Index of the peaks of a batch: one sorted array for the lookup of many m/z values."""

from dataclasses import dataclass

import torch

from denovo.chemistry import Tolerance
from denovo.typing import Bool, Float32, Float64, Int, Shaped, Tensor

_ROW = 1e5
"""Offset in Th between the peaks of consecutive spectra, larger than any m/z."""
_HIGHEST = 4e4
"""Highest m/z in Th of a peak; higher values are clamped to it."""
_PADDING = 5e4
"""m/z in Th of padding in the index."""
_HIGHEST_QUERY = 8e4
"""Highest m/z in Th of a query; higher values are clamped to it, where there is no peak."""


@dataclass(frozen=True)
class PeakIndex:
    """Peaks of a batch, ordered by spectrum and m/z.

    Parameters
    ----------
    key : Tensor [entry], float64
        Row times 10^5 plus m/z, ascending; one entry for each place of the batch, with padding.
    """

    key: Float64[Tensor, " entry"]

    @classmethod
    def of(cls, mz: Float32[Tensor, "batch peak"], mask: Bool[Tensor, "batch peak"]) -> "PeakIndex":
        """Index m/z values.

        Parameters
        ----------
        mz : Tensor [batch, peak], float32
            m/z in Th, ascending in each row.
        mask : Tensor [batch, peak], bool
            False in padding, which ends each row.
        """
        place = mz.double().clamp(max=_HIGHEST).masked_fill(~mask, _PADDING)
        row = torch.arange(len(mz), device=mz.device)
        return cls((row[:, None] * _ROW + place).flatten())

    def __len__(self) -> int:
        return len(self.key)

    def nearest(
        self, row: Int[Tensor, " query"], mz: Shaped[Tensor, " query"]
    ) -> tuple[Int[Tensor, " query"], Float64[Tensor, " query"]]:
        """Find the nearest peak of each query.

        Parameters
        ----------
        row : Tensor [query], int64
            Spectrum of the query.
        mz : Tensor [query]
            m/z in Th.

        Returns
        -------
        entry : Tensor [query], int64
            Position of the nearest peak in the flattened batch; of two equally near, the lower one.
        distance : Tensor [query], float64
            Its distance in Th; more than 10^4 if the spectrum has no peak.
        """
        key = row * _ROW + mz.double().clamp(max=_HIGHEST_QUERY)
        above = torch.searchsorted(self.key, key).clamp(max=len(self.key) - 1)
        below = (above - 1).clamp(min=0)
        to_above, to_below = (self.key[above] - key).abs(), (key - self.key[below]).abs()
        is_below = to_below <= to_above
        return torch.where(is_below, below, above), torch.where(is_below, to_below, to_above)

    def match(
        self, row: Int[Tensor, " query"], mz: Shaped[Tensor, " query"], tolerance: Tolerance
    ) -> tuple[Int[Tensor, " query"], Bool[Tensor, " query"]]:
        """Find the nearest peak of each theoretical m/z, and whether it is within a tolerance."""
        entry, distance = self.nearest(row, mz)
        return entry, distance <= tolerance.half_width(mz.double().clamp(max=_HIGHEST_QUERY))
