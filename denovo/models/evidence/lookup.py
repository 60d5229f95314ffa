"""Peaks near theoretical m/z values of all spectra of a batch, and their closeness."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn.functional import pad

from denovo.chemistry import WATER_MASS, IonType, Tolerance
from denovo.spectra.batch import Spectra
from denovo.spectra.sequencer_protocol import Direction
from denovo.typing import Bool, Float, Float32, Float64, Int, Tensor, UInt8

_NOWHERE = 1e5
"""m/z in Th of a peak that is out of reach of all queries."""

_HIGHEST = 20_000.0
"""Highest m/z of a peak that is looked up, in Th; it bounds the size of the map."""

_APART = 4 * _NOWHERE
"""Th between the peaks of one spectrum and those of the next in the row of all peaks."""

_MIN_BIN = 0.05
"""Smallest bin width in Th; finer bins cost more memory than they save time."""

REACH = 6.0
"""Distance in widths beyond which a peak does not count: a closeness of 1.5e-8."""

MISS = -40.0
"""Smallest exponent of a closeness, which is then 4e-18."""


@dataclass(frozen=True)
class Hits:
    """The queries that have a peak near them.

    ``row`` and ``column`` identify the query, ``mz`` is its m/z in Th. ``distance``, in Th, and
    ``height`` are those of the nearest peak.
    """

    row: Int[Tensor, " hit"]
    column: Int[Tensor, " hit"]
    mz: Float32[Tensor, " hit"]
    distance: Float32[Tensor, " hit"]
    height: Float32[Tensor, " hit"]


@dataclass(frozen=True)
class PeakLookup:
    """Peaks of a batch, and a bit map of the m/z bins that have a peak near them.

    Most theoretical m/z values have no peak near. The map finds those with a single look-up, so
    that the search for the nearest peak runs only for the others.

    Parameters
    ----------
    spectrum : Tensor [row], int64
        Spectrum of each row: hypotheses of one spectrum share its peaks.
    mz : Tensor [spectrum, peak], float32
        Ascending m/z in Th, with a peak out of reach at each end, so that every query has two
        neighbours.
    height : Tensor [spectrum, peak], float32
        Square root of the relative intensity, in [0, 1].
    start : Tensor [spectrum], float64
        Offset of each spectrum in ``position``, in Th.
    position : Tensor [spectrum * peak], float64
        All m/z in one ascending row, in Th.
    is_near : Tensor [spectrum, bin], bool
        Whether a query in the bin may have a peak within reach.
    near_bits : Tensor [spectrum, byte], uint8
        The same as bits, the first bin lowest, for the kernels of CPUs; empty on other devices.
    first_bin : Tensor [spectrum], int32
        First bin of each spectrum in the flattened map.
    bin_width : float
        Width of a bin in Th.
    """

    spectrum: Int[Tensor, " row"]
    mz: Float32[Tensor, "spectrum peak"]
    height: Float32[Tensor, "spectrum peak"]
    start: Float64[Tensor, " spectrum"]
    position: Float64[Tensor, " place"]
    is_near: Bool[Tensor, "spectrum bin"]
    near_bits: UInt8[Tensor, "spectrum byte"]
    first_bin: Int[Tensor, " spectrum"]
    bin_width: float

    @classmethod
    def of(cls, spectra: Spectra, reach: Callable[[float], float]) -> "PeakLookup":
        """Build the lookup of a batch of spectra.

        ``reach`` maps the highest m/z of the batch to the largest distance between a query and its
        peak, both in Th.
        """
        mz = spectra.mz.masked_fill(~spectra.peak_mask, _NOWHERE)
        # Square roots even out intensities that span three orders of magnitude.
        height = spectra.intensity.sqrt().masked_fill(~spectra.peak_mask, 0.0)
        framed = pad(pad(mz, (1, 0), value=-_NOWHERE), (0, 1), value=_NOWHERE)
        spectrum = torch.arange(len(mz), device=mz.device)
        start = _APART * spectrum.double()
        position = (framed + start[:, None]).flatten()
        is_sought = spectra.peak_mask & (mz <= _HIGHEST)
        highest = mz.where(is_sought, 0.0).amax().item() if mz.numel() else 0.0
        width = max(reach(highest) / 2, _MIN_BIN)
        is_near = _near_bins(mz, is_sought, highest, reach(highest), width)
        first_bin = (spectrum * is_near.shape[1]).int()
        height = pad(height, (1, 1))
        bits = _packed(is_near)
        return cls(spectrum, framed, height, start, position, is_near, bits, first_bin, width)

    def near(self, of_row: Float64[Tensor, "row ion"], step: Float64[Tensor, "ion site"]) -> Hits:
        """Find the nearest peak of each query that has one near.

        A query in Th is the sum of a term of its row (``of_row``) and a term of its ion and site
        (``step``); its column counts through ions and sites. Sums below zero have no peak near. The
        hits hold all queries with a peak within reach, and some whose nearest peak is further away.
        """
        (n_ions, n_sites), n_bins = step.shape, self.is_near.shape[1]
        scale = 1 / self.bin_width
        # The map has a margin, so that bins can be computed in float32, with half the memory.
        bins = (of_row * scale).float()[..., None] + (step * scale).float()
        places = bins.clamp_(0, n_bins - 1).int()
        places += self.first_bin.index_select(0, self.spectrum)[:, None, None]
        is_near = self.is_near.view(-1).index_select(0, places.view(-1))
        query = is_near.nonzero().squeeze(1)
        row_and_ion = query // n_sites
        row = row_and_ion // n_ions
        column = query - row * (n_ions * n_sites)
        mz = of_row.reshape(-1).index_select(0, row_and_ion)
        mz += step.reshape(-1).index_select(0, column)
        mz = mz.clamp_(min=0.0).float()
        return Hits(row, column, mz, *self._nearest(mz, self.spectrum.index_select(0, row)))

    def _nearest(
        self, mz: Float32[Tensor, " hit"], spectrum: Int[Tensor, " hit"]
    ) -> tuple[Float32[Tensor, " hit"], Float32[Tensor, " hit"]]:
        above = torch.searchsorted(self.position, mz + self.start.index_select(0, spectrum))
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
        """Repeat each row."""
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


def _packed(is_near: Bool[Tensor, "spectrum bin"]) -> UInt8[Tensor, "spectrum byte"]:
    if is_near.device.type != "cpu":
        return is_near.new_empty(len(is_near), 0, dtype=torch.uint8)
    return torch.from_numpy(np.packbits(is_near.numpy(), axis=1, bitorder="little"))


class SiteIons(nn.Module):
    """m/z of the ions of sites that lie given masses beyond the residues read.

    The m/z of an ion is linear in the mass read, in the precursor mass and in the mass from the
    prefix to the site. It is the sum of a term of its row, which `forward` computes, and of a term
    of its ion and site, which ``step`` [ion, site] holds in Th. ``masses`` holds the masses from
    the residues read to each site, in Da.
    """

    def __init__(
        self, ions: Sequence[IonType], direction: Direction, masses: Float64[Tensor, " site"]
    ) -> None:
        super().__init__()

        def mz(read_mass: float, precursor_mass: float) -> Float64[Tensor, " ion"]:
            read, total = torch.tensor([read_mass, precursor_mass], dtype=torch.float64)
            prefix = read if direction == "forward" else total - WATER_MASS - read
            return torch.stack([ion.mz(prefix, total) for ion in ions])

        start = mz(0.0, 0.0)
        slope = mz(1.0, 0.0) - start
        self.start = nn.Buffer(start, persistent=False)
        self.slope = nn.Buffer(slope, persistent=False)
        self.share = nn.Buffer(mz(0.0, 1.0) - start, persistent=False)
        self.step = nn.Buffer(slope[:, None] * masses, persistent=False)

    def forward(
        self, read_mass: Float64[Tensor, " row"], precursor_mass: Float64[Tensor, " row"]
    ) -> Float64[Tensor, "row ion"]:
        """Compute the term of each row in the m/z of each ion, in Th, from neutral masses in Da."""
        of_precursor = torch.addcmul(self.start, precursor_mass[:, None], self.share)
        return torch.addcmul(of_precursor, read_mass[:, None], self.slope)


def closeness(
    distance: Float[Tensor, "*#shape"], width: Float[Tensor, "*#shape"] | float
) -> Float[Tensor, "*#shape"]:
    """Return ``exp(-(distance / width)^2 / 2)``: 1 for a hit, 0 for a miss."""
    # Exponentials that underflow take sixty times longer on a CPU than others.
    return (distance / width).square_().mul_(-0.5).clamp_(min=MISS).exp_()


class Widths(nn.Module):
    """Closeness by several tolerances, each the half width at which a peak is 1 sigma away."""

    def __init__(self, tolerances: Sequence[Tolerance]) -> None:
        super().__init__()
        self.tolerances = list(tolerances)
        fixed = [tolerance.half_width(0.0) for tolerance in tolerances]
        share = [t.half_width(1.0) - f for t, f in zip(tolerances, fixed, strict=True)]
        self.fixed = nn.Buffer(torch.tensor(fixed)[:, None], persistent=False)
        self.share = nn.Buffer(torch.tensor(share)[:, None], persistent=False)

    def forward(
        self, distance: Float32[Tensor, " hit"], mz: Float32[Tensor, " hit"]
    ) -> Float32[Tensor, "tolerance hit"]:
        """Compute the closeness of peaks at a distance from queries, both in Th; ``mz`` >= 0."""
        return closeness(distance, torch.addcmul(self.fixed, self.share, mz))
