"""Fragment evidence on CPUs: all features of a prefix while they are in the first cache.

`FragmentEvidence` and `Lookahead` say what the features are, and compute them on other devices; the
tests compare both ways.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from denovo.kernels import kernel
from denovo.models.evidence.lookahead import Lookahead
from denovo.models.evidence.lookup import MISS
from denovo.typing import Float32, Float64, Int, UInt8, ndarray

_MISS, _LEAST = np.float32(MISS), np.float32(math.exp(MISS))
_N_AHEAD = Lookahead.n_features
_Real = float | np.floating[Any]


class Peaks(NamedTuple):
    """Peaks of all spectra, as `PeakLookup` holds them; of the map, eight bins are a byte."""

    mz: Float32[ndarray, "spectrum peak"]
    height: Float32[ndarray, "spectrum peak"]
    near: UInt8[ndarray, "spectrum byte"]
    bins_per_th: float


class Ions(NamedTuple):
    """Ions of the candidates: their m/z beyond that of the row, and the blocks of features."""

    step: Float64[ndarray, "ion candidate"]
    fixed: Float32[ndarray, " width"]
    share: Float32[ndarray, " width"]
    width_of_block: Int[ndarray, " block"]
    n_plain: int


class Ahead(NamedTuple):
    """Ions of the sites one residue further on."""

    step: Float64[ndarray, "ion site"]
    terminus: Int[ndarray, " ion"]
    fixed: float
    share: float
    site_of_pair: Int[ndarray, "candidate residue"]

    @classmethod
    def of(cls, lookahead: Lookahead) -> "Ahead":
        """Take the constants of a look-ahead on the CPU."""
        return cls(
            lookahead.site_ions.step.numpy(),
            lookahead.terminus.numpy(),
            lookahead.widths.fixed.item(),
            lookahead.widths.share.item(),
            lookahead.pair_index.view(lookahead.n_candidates, -1).numpy(),
        )

    @classmethod
    def nothing(cls) -> "Ahead":
        """Return no ions: there is no look-ahead."""
        no_ion, no_pair = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.int64)
        return cls(np.zeros((0, 0)), no_ion, 0.0, 0.0, no_pair)


class Remaining(NamedTuple):
    """Masses that the rest of the peptide is compared with; ``after`` may be empty."""

    after: Float64[ndarray, " candidate"]
    residues: Float64[ndarray, " residue"]
    between_residues: Float64[ndarray, " gap"]
    falls: Float32[ndarray, " fall"]


class _Found(NamedTuple):
    """Queries of one ion that have a peak near: number, m/z, distance to the peak, its height."""

    query: Int[ndarray, " hit"]
    mz: Float32[ndarray, " hit"]
    gap: Float32[ndarray, " hit"]
    height: Float32[ndarray, " hit"]


@kernel
def write_evidence(
    spectrum: Int[ndarray, " row"],
    peaks: Peaks,
    of_row: Float64[ndarray, "row ion"],
    ions: Ions,
    ahead_of_row: Float64[ndarray, "row ahead"],
    ahead: Ahead,
    left: Float64[ndarray, " row"],
    half_width: Float64[ndarray, " row"],
    remaining: Remaining,
    evidence: Float32[ndarray, "row candidate feature"],
) -> None:
    """Write the features of every candidate after each prefix.

    ``of_row`` and ``ahead_of_row`` are the terms of the row in the m/z of each ion, ``left`` is the
    mass that the prefix leaves and ``half_width`` the tolerance of the precursor, in Da.
    """
    has_ahead, has_remaining = len(ahead.site_of_pair) > 0, len(remaining.after) > 0
    n_of_ions = len(ions.step) * len(ions.width_of_block)
    n_before_remaining = n_of_ions + (_N_AHEAD if has_ahead else 0)
    sites = np.empty((ahead.step.shape[1], 2), dtype=np.float32)
    most = max(ions.step.shape[1], ahead.step.shape[1])
    found = _Found(
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.float32),
        np.empty(most, dtype=np.float32),
        np.empty(most, dtype=np.float32),
    )
    for row in range(len(spectrum)):
        number, features = spectrum[row], evidence[row]
        features[:] = 0.0
        _write_ions(peaks, number, of_row[row], ions, found, features)
        if has_ahead:
            _add_sites(peaks, number, ahead_of_row[row], ahead, found, sites)
            _write_best_sites(ahead.site_of_pair, sites, features[:, n_of_ions:])
        if has_remaining:
            of_remaining = features[:, n_before_remaining:]
            _write_remaining(left[row], half_width[row], remaining, of_remaining)


@kernel
def _write_ions(
    peaks: Peaks,
    spectrum: int,
    of_row: Float64[ndarray, " ion"],
    ions: Ions,
    found: _Found,
    features: Float32[ndarray, "candidate feature"],
) -> None:
    """Write the closeness of each ion of each candidate, and its product with the height."""
    n_ions = len(ions.step)
    close = np.empty(len(ions.fixed), dtype=np.float32)
    for ion in range(n_ions):
        for hit in range(_find(peaks, spectrum, of_row[ion], ions.step[ion], found)):
            for width in range(len(close)):
                half_width = ions.fixed[width] + ions.share[width] * found.mz[hit]
                close[width] = _closeness(found.gap[hit], half_width)
            for block in range(len(ions.width_of_block)):
                value = close[ions.width_of_block[block]]
                if block >= ions.n_plain:
                    value *= found.height[hit]
                features[found.query[hit], block * n_ions + ion] = value


@kernel
def _add_sites(
    peaks: Peaks,
    spectrum: int,
    of_row: Float64[ndarray, " ion"],
    ahead: Ahead,
    found: _Found,
    sites: Float32[ndarray, "site terminus"],
) -> None:
    """Add up the evidence of each site further on, by ions of either terminus."""
    fixed, share = np.float32(ahead.fixed), np.float32(ahead.share)
    half = np.float32(0.5)
    sites[:] = 0.0
    for ion in range(len(ahead.step)):
        for hit in range(_find(peaks, spectrum, of_row[ion], ahead.step[ion], found)):
            # A hit counts 0.5, plus half its height.
            value = _closeness(found.gap[hit], fixed + share * found.mz[hit])
            value *= half + half * found.height[hit]
            sites[found.query[hit], ahead.terminus[ion]] += value


@kernel
def _write_best_sites(
    site_of_pair: Int[ndarray, "candidate residue"],
    sites: Float32[ndarray, "site terminus"],
    features: Float32[ndarray, "candidate feature"],
) -> None:
    """Write the best and second best site, then the best by ions of either terminus alone."""
    n_candidates, n_residues = site_of_pair.shape
    nothing = np.float32(0.0)
    for candidate in range(n_candidates):
        best, second, best_first, best_last = nothing, nothing, nothing, nothing
        for residue in range(n_residues):
            site = site_of_pair[candidate, residue]
            of_first, of_last = sites[site, 0], sites[site, 1]
            both = of_first + of_last
            second = max(second, min(best, both))
            best = max(best, both)
            best_first = max(best_first, of_first)
            best_last = max(best_last, of_last)
        features[candidate, 0], features[candidate, 1] = best, second
        features[candidate, 2], features[candidate, 3] = best_first, best_last


@kernel
def _write_remaining(
    left: float,
    half_width: float,
    remaining: Remaining,
    features: Float32[ndarray, "candidate feature"],
) -> None:
    """Write what is left after each candidate, compared with nothing and with single residues."""
    least = remaining.residues[0] / half_width
    for candidate in range(len(remaining.after)):
        mass = left - remaining.after[candidate]
        nearest = remaining.residues[np.searchsorted(remaining.between_residues, mass)]
        from_nothing = np.float32(mass / half_width)
        from_residue = np.float32((mass - nearest) / half_width)
        for fall in range(2):
            features[candidate, fall] = _bell(from_nothing, remaining.falls[fall])
            features[candidate, 2 + fall] = _bell(from_residue, remaining.falls[fall])
        features[candidate, 4] = from_nothing < -3
        features[candidate, 5] = 3 < from_nothing < least - 3


@kernel
def _find(
    peaks: Peaks, spectrum: int, start: float, step: Float64[ndarray, " query"], found: _Found
) -> int:
    """Find the nearest peak of each query that may have one near; returns their number."""
    near, mz = peaks.near[spectrum], peaks.mz[spectrum]
    n_hits, last = 0, 8.0 * len(near) - 1
    for query in range(len(step)):
        # The first and the last bin stand for all beyond them, the first for what is no number too.
        place = int(min(max(0.0, (start + step[query]) * peaks.bins_per_th), last))
        if (near[place >> 3] >> (place & 7)) & 1 == 0:
            continue
        sought = np.float32(max(start + step[query], 0.0))
        gap, nearest = _nearest(sought, mz)
        found.query[n_hits], found.mz[n_hits], found.gap[n_hits] = query, sought, gap
        found.height[n_hits] = peaks.height[spectrum, nearest]
        n_hits += 1
    return n_hits


@kernel
def _nearest(mz: _Real, peaks: Float32[ndarray, " peak"]) -> tuple[_Real, int]:
    """Find the nearest of ascending peaks, of which one is on either side."""
    below, n = 0, len(peaks)
    while n > 1:
        half = n >> 1
        below += half if peaks[below + half] < mz else 0
        n -= half
    gap_below, gap_above = mz - peaks[below], peaks[below + 1] - mz
    if gap_above < gap_below:
        return gap_above, below + 1
    return gap_below, below


@kernel
def _closeness(gap: _Real, width: _Real) -> _Real:
    return _bell(gap / width, np.float32(-0.5))


@kernel
def _bell(widths: _Real, fall: _Real) -> _Real:
    exponent = widths * widths * fall
    return np.float32(math.exp(exponent)) if exponent > _MISS else _LEAST
