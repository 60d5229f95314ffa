"""Find the peaks near theoretical m/z, for all spectra of a batch at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch.nn.functional import pad

from denovo.chemistry import Tolerance
from denovo.spectra import Spectra
from denovo.typing import Bool, Float, Float32, Float64, Int, Tensor

_NOWHERE = 1e5
"""m/z of a peak that no query is near to, in Th."""

_HIGHEST = 20_000.0
"""Th; peaks above are not looked for, lest a wild one need a map without end."""

_APART = 4 * _NOWHERE
"""Th between the peaks of one spectrum and those of the next, where all stand in one row."""

_LEAST_BIN = 0.05
"""Th; finer bins would cost more memory than the queries they rule out are worth."""

_MISS = -40.0
"""Exponent below which a closeness is as good as 0: 4e-18."""

REACH = 6.0
"""Widths beyond which a peak counts for nothing: a closeness of 1.5e-8."""


def closeness(
    distance: Float[Tensor, "*shape"], width: Float[Tensor, "*#shape"] | float
) -> Float[Tensor, "*shape"]:
    """Return ``exp(-(distance / width)^2 / 2)``: 1 for a hit, 0 for a miss."""
    # Exponentials that underflow take a CPU sixty times longer than others.
    return (distance / width).square_().mul_(-0.5).clamp_(min=_MISS).exp_()


@dataclass(frozen=True)
class Hits:
    """The queries that have a peak near, and that peak.

    Parameters
    ----------
    row, ion, site : Tensor [hit], int64
        Which query it is.
    mz : Tensor [hit], float32
        Its m/z in Th.
    distance : Tensor [hit], float32
        To the nearest peak, in Th.
    height : Tensor [hit], float32
        Of that peak.
    """

    row: Int[Tensor, " hit"]
    ion: Int[Tensor, " hit"]
    site: Int[Tensor, " hit"]
    mz: Float32[Tensor, " hit"]
    distance: Float32[Tensor, " hit"]
    height: Float32[Tensor, " hit"]

    def closeness(self, tolerance: Tolerance, least: float = 0.0) -> Float32[Tensor, " hit"]:
        """Say how close each peak is; the width is at least so many Th."""
        return closeness(self.distance, tolerance.half_width(self.mz).clamp(min=least))


@dataclass(frozen=True)
class PeakLookup:
    """Peaks of a batch, and a map of where any are near.

    Most theoretical m/z have no peak near. The map, a bit for each spectrum and each narrow bin of
    m/z, finds those with one look at it; the nearest peak is searched for the others alone.

    Parameters
    ----------
    spectrum : Tensor [row], int64
        Spectrum that each row looks at: hypotheses of one spectrum share its peaks.
    mz : Tensor [spectrum, peak], float32
        Ascending m/z in Th, framed by peaks out of reach so that every query has two neighbours.
    height : Tensor [spectrum, peak], float32
        Square root of the relative intensity, in [0, 1].
    position : Tensor [spectrum * peak], float64
        The same m/z, ascending through all spectra.
    is_near : Tensor [spectrum, bin], bool
        Whether a query in the bin may have a peak within reach.
    bin_width : float
        In Th.
    """

    spectrum: Int[Tensor, " row"]
    mz: Float32[Tensor, "spectrum peak"]
    height: Float32[Tensor, "spectrum peak"]
    position: Float64[Tensor, " place"]
    is_near: Bool[Tensor, "spectrum bin"]
    bin_width: float

    @classmethod
    def of(cls, spectra: Spectra, reach: Callable[[float], float]) -> "PeakLookup":
        """Build the lookup of a batch of spectra.

        Parameters
        ----------
        spectra : Spectra
            The batch.
        reach : callable
            Tells for the highest m/z of the batch how far from a query, in Th, a peak may be.
        """
        mz = spectra.mz.masked_fill(~spectra.peak_mask, _NOWHERE)
        # Square roots even out intensities that span three orders of magnitude.
        height = spectra.intensity.sqrt().masked_fill(~spectra.peak_mask, 0.0)
        framed = pad(pad(mz, (1, 0), value=-_NOWHERE), (0, 1), value=_NOWHERE)
        spectrum = torch.arange(len(mz), device=mz.device)
        position = framed + _APART * spectrum[:, None].double()
        is_sought = spectra.peak_mask & (mz <= _HIGHEST)
        highest = mz.where(is_sought, 0.0).amax().item() if mz.numel() else 0.0
        width = max(reach(highest) / 2, _LEAST_BIN)
        is_near = _near_bins(mz, is_sought, highest, reach(highest), width)
        return cls(spectrum, framed, pad(height, (1, 1)), position.flatten(), is_near, width)

    def near(self, mz: Float64[Tensor, "row ion site"]) -> Hits:
        """Find the nearest peak of each query that has one near.

        Parameters
        ----------
        mz : Tensor [row, ion, site], float64
            Theoretical m/z in Th; values below zero have no peak near.

        Returns
        -------
        Hits
            All queries with a peak within reach, and some whose nearest peak is further away.
        """
        n_bins = self.is_near.shape[1]
        bins = (mz * (1 / self.bin_width)).clamp_(0, n_bins - 1)
        # Floats become whole numbers last: a CPU adds them faster, and they are exact.
        bins += (self.spectrum * n_bins)[:, None, None]
        is_near = self.is_near.view(-1).index_select(0, bins.view(-1).int())
        query = is_near.nonzero().squeeze(1)
        row_and_ion = query // mz.shape[2]
        row = row_and_ion // mz.shape[1]
        ion, site = row_and_ion - row * mz.shape[1], query - row_and_ion * mz.shape[2]
        asked = mz.reshape(-1).index_select(0, query).clamp_(min=0.0).float()
        return Hits(row, ion, site, asked, *self._nearest(asked, self.spectrum[row]))

    def _nearest(
        self, mz: Float32[Tensor, " hit"], spectrum: Int[Tensor, " hit"]
    ) -> tuple[Float32[Tensor, " hit"], Float32[Tensor, " hit"]]:
        above = torch.searchsorted(self.position, mz + _APART * spectrum.double())
        below = above - 1
        peaks = self.mz.view(-1)
        gap_above = peaks.index_select(0, above) - mz
        gap_below = mz - peaks.index_select(0, below)
        nearest = torch.where(gap_above < gap_below, above, below)
        height = self.height.view(-1).index_select(0, nearest)
        return torch.minimum(gap_above, gap_below), height

    def select(self, index: Int[Tensor, " chosen"]) -> "PeakLookup":
        """Take rows by number."""
        return replace(self, spectrum=self.spectrum[index])

    def repeat(self, times: int) -> "PeakLookup":
        """Give each row so many times."""
        return replace(self, spectrum=self.spectrum.repeat_interleave(times))


def _near_bins(
    mz: Float32[Tensor, "spectrum peak"],
    is_sought: Bool[Tensor, "spectrum peak"],
    highest: float,
    reach: float,
    width: float,
) -> Bool[Tensor, "spectrum bin"]:
    sides = int(-(-reach // width))
    # Queries out of range look at the last bin, which stays empty; other peaks go behind it.
    n_bins = int(highest / width) + sides + 2
    own = (mz.double() / width).long()[..., None]
    around = (own + torch.arange(-sides, sides + 1, device=mz.device)).clamp(min=0)
    around = around.masked_fill(~is_sought[..., None], n_bins)
    is_near = torch.zeros(len(mz), n_bins + 1, dtype=torch.bool, device=mz.device)
    return is_near.scatter_(1, around.flatten(1), True)[:, :n_bins].contiguous()
