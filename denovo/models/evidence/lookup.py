"""Find the peak nearest to a theoretical m/z, for all spectra of a batch at once."""

from dataclasses import dataclass, fields

import torch
from torch.nn.functional import pad

from denovo.spectra import Spectra
from denovo.typing import Float, Float32, Int, Tensor

_NOWHERE = 1e6
"""m/z of a peak that no query is near to, in Th."""


@dataclass(frozen=True)
class PeakLookup:
    """Peaks of a batch, framed by peaks out of reach so that every query has two neighbours.

    Parameters
    ----------
    mz : Tensor [batch, peak], float32
        Ascending m/z in Th.
    height : Tensor [batch, peak], float32
        Square root of the relative intensity, in [0, 1].
    """

    mz: Float32[Tensor, "batch peak"]
    height: Float32[Tensor, "batch peak"]

    @classmethod
    def of(cls, spectra: Spectra) -> "PeakLookup":
        """Build the lookup of a batch of spectra."""
        mz = spectra.mz.masked_fill(~spectra.peak_mask, _NOWHERE)
        # Square roots even out intensities that span three orders of magnitude.
        height = spectra.intensity.sqrt().masked_fill(~spectra.peak_mask, 0.0)
        below = pad(mz, (1, 0), value=-_NOWHERE)
        return cls(pad(below, (0, 1), value=_NOWHERE), pad(height, (1, 1)))

    def nearest(
        self, mz: Float32[Tensor, "batch query"]
    ) -> tuple[Float[Tensor, "batch query"], Float[Tensor, "batch query"]]:
        """Find the nearest peak of each query.

        Parameters
        ----------
        mz : Tensor [batch, query], float32
            Theoretical m/z in Th, in any order.

        Returns
        -------
        distance : Tensor [batch, query]
            Distance to the nearest peak in Th, not negative.
        height : Tensor [batch, query]
            Height of that peak.
        """
        mz = mz.clamp(min=0.0, max=_NOWHERE / 2)
        above = torch.searchsorted(self.mz, mz.contiguous())
        below = above - 1
        gap_above = self.mz.gather(1, above) - mz
        gap_below = mz - self.mz.gather(1, below)
        nearest = torch.where(gap_above < gap_below, above, below)
        return torch.minimum(gap_above, gap_below), self.height.gather(1, nearest)

    def select(self, index: Int[Tensor, " chosen"]) -> "PeakLookup":
        """Take rows by number."""
        return PeakLookup(*(getattr(self, f.name)[index] for f in fields(self)))
