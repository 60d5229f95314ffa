"""Table of all masses that some multiset of residues has, to prune prefixes of peptides."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch

from denovo.chemistry import Vocabulary
from denovo.typing import Bool, Float64, Int, Tensor, ndarray

MAX_MASS = 6000.0
"""Largest mass in the table, in Da; 20 residues leave no gap above 2,700 Da."""

_GRID = 1e-4
"""Spacing in Da of the grid that sums are rounded to."""

_CLOSED = 10
"""Neighbouring sums up to this many grid points apart share an interval: 1 mDa, the narrowest
useful tolerance."""

_EXACT = 700.0
"""Largest sum in Da that is stored individually: the last residues of a peptide are decisive."""

STEP = 0.25
"""Da between the entries of the table of first intervals."""

_GUARD = 1e-9
"""Margin in Da on both sides of an interval for the rounding of float64 sums."""


@dataclass(frozen=True)
class ReachableMasses:
    """All sums of residue masses, as intervals.

    Every sum lies in an interval, so a window outside all intervals contains no sum. Up to 700 Da
    (minus the largest mass loss of a modification) the converse holds too. Above, a window that
    overlaps an interval contains a sum or misses one by at most 1 mDa plus the rounding of the grid
    (1 ppm with the shipped alphabets). ``low`` and ``high`` are the ends of the intervals in Da,
    ascending; the last interval has no upper end.

    Notes
    -----
    This is a coin problem: residue masses are rounded to multiples of 0.1 mDa, sums are the bits of
    one long integer, and a residue is added any number of times by shifts of 1, 2, 4, ... times its
    mass. If each mass lies between ``a`` and ``b`` times its rounded value, so does each sum:
    the rounding error is relative and does not grow with the number of residues.
    """

    low: Float64[Tensor, " interval"]
    high: Float64[Tensor, " interval"]

    @classmethod
    def of(
        cls,
        masses: Sequence[float],
        optional: Sequence[float] = (),
        max_mass: float | int = MAX_MASS,
        device: torch.device | str = "cpu",
    ) -> "ReachableMasses":
        """Compute the table.

        ``masses`` may be added any number of times; of ``optional``, masses of N-terminal
        modifications, which may be negative, at most one is added. All are in Da; sums above
        ``max_mass``, or above the point where no gap is left, count as reachable.
        """
        sizes = np.unique(np.asarray(masses, dtype=np.float64))
        assert len(sizes) > 0, "there must be residues to add up"
        assert sizes[0] > _GRID, "residues must weigh something"
        steps = np.rint(sizes / _GRID).astype(np.int64)
        shifts = np.asarray([0.0, *optional])
        shift_steps = np.rint(shifts / _GRID).astype(np.int64)
        n_points = int(max_mass / _GRID)
        origin = -int(shift_steps.min())
        sums = _unbounded_sums(steps.tolist(), n_points // 2)
        if _leaves_no_gap(sums, n_points // 2, int(steps[0])):
            n_points //= 2
        else:
            sums = _unbounded_sums(steps.tolist(), n_points)
        bits = 0
        for shift in shift_steps.tolist():
            bits |= sums << (origin + shift)
        start, end = _runs(bits)
        ratio = sizes / (steps * _GRID)
        least, most = ratio.min() * _GRID, ratio.max() * _GRID
        low = (start - origin) * least + (shifts - shift_steps * least).min() - _GUARD
        high = (end - origin) * most + (shifts - shift_steps * most).max() + _GUARD
        # From here on a sum may be one beyond the last point, lightened by a modification.
        beyond = (n_points - origin) * least
        turn = min(_EXACT, beyond) + shifts.min()
        exact = np.unique(_sums_up_to(_EXACT, sizes)[:, None] + shifts)
        exact = exact[exact < turn]
        known = (low < beyond) & (high >= turn)
        ends = [*(exact - _GUARD), *low[known], beyond], [*(exact + _GUARD), *high[known], np.inf]
        return cls(*(torch.tensor(end, dtype=torch.float64, device=device) for end in ends))

    @cached_property
    def first_of_step(self) -> Int[ndarray, " step"]:
        """First interval that does not end below each multiple of `STEP`, for searches on CPUs.

        They start near their end then, in a table that is larger than a cache.
        """
        known = self.high[:-1].numpy()
        first = np.searchsorted(known, np.arange(int(known.max(initial=0.0) / STEP) + 3) * STEP)
        first[0] = 0  # negative masses look here, too
        return first

    def any_between(
        self, low: Float64[Tensor, "*window"], high: Float64[Tensor, "*window"]
    ) -> Bool[Tensor, "*window"]:
        """Return False for windows, in Da with both ends included, that contain no sum."""
        first = torch.searchsorted(self.high, low)
        return self.low[first] <= high


@lru_cache(maxsize=8)
def reachable_masses(
    vocabulary: Vocabulary, with_n_terminal: bool, device: torch.device
) -> ReachableMasses:
    """Return the table of a vocabulary, with one of its N-terminal modifications if wanted.

    It takes seconds to compute and is cached.
    """
    masses, is_n_terminal = vocabulary.masses, vocabulary.is_n_terminal
    residues = masses[vocabulary.is_residue & ~is_n_terminal].tolist()
    return ReachableMasses.of(
        residues, masses[is_n_terminal].tolist() if with_n_terminal else (), device=device
    )


def _sums_up_to(limit: float, sizes: Float64[ndarray, " size"]) -> Float64[ndarray, " sum"]:
    """List the sums of any number of each of the sizes."""
    sums = np.zeros(1)
    for size in sizes:
        sums = np.unique(sums[:, None] + np.arange(limit // size + 1) * size)
        sums = sums[sums <= limit]
    return sums


def _unbounded_sums(steps: Sequence[int], n_points: int) -> int:
    """Set a bit for each sum of the steps up to ``n_points``, any number of each."""
    within = (1 << (n_points + 1)) - 1
    sums = 1
    for step in steps:
        shift = step
        while shift <= n_points:
            sums |= (sums << shift) & within
            shift *= 2
    return sums


def _leaves_no_gap(sums: int, n_points: int, lightest: int) -> bool:
    """Tell whether the sums up to a point show that no gap follows.

    Where they leave none over the mass of the lightest residue, adding that residue any number of
    times leaves none further up.
    """
    length = lightest + _CLOSED
    if length > n_points:
        return False
    first, last = _runs(sums >> (n_points - length))
    return len(first) == 1 and bool(first[0] <= _CLOSED and last[0] >= length - _CLOSED)


def _runs(bits: int) -> tuple[Int[ndarray, " run"], Int[ndarray, " run"]]:
    """Return the first and last set bit of each run; gaps up to `_CLOSED` are closed."""
    spread, width = bits, 0
    while width < _CLOSED - 1:
        further = min(width + 1, _CLOSED - 1 - width)
        spread |= spread << further
        width += further
    flips = _set_bits(spread ^ (spread << 1))
    return flips[0::2], flips[1::2] - _CLOSED


def _set_bits(bits: int) -> Int[ndarray, " bit"]:
    """List the numbers of the bits that are set; quick where few are."""
    raw = np.frombuffer(bits.to_bytes(bits.bit_length() // 8 + 1, "little"), np.uint8)
    byte = np.flatnonzero(raw)
    which, bit = np.unpackbits(raw[byte, None], axis=1, bitorder="little").nonzero()
    return byte[which] * 8 + bit
