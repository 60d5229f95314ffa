"""Look-up of peptides in a proteome: sorted words of residues, and extension by mass."""

from dataclasses import dataclass

import numpy as np

from denovo.proteins.peptides import UNKNOWN, Peptides, codes_of
from denovo.proteins.proteome import Proteins
from denovo.typing import Bool, Float64, Int, Shaped, ndarray

WORD = 12
"""Residues of a word, 5 bits each."""
_BITS = 5
_REGION, _END = 32, 33
"""What stands in place of a residue code where a region, and where the end of a peptide begins."""
_MIN_ANCHOR = 4
_MIN_ORDERED = 5
"""Fewest residues in a row, and in all, of known order that a peptide with regions must have."""


@dataclass(frozen=True)
class Hits:
    """Places of peptides in the proteins.

    Parameters
    ----------
    rows : array [hit]
        Number of the peptide.
    places : array [hit]
        Place of the first residue in the letters of the proteins.
    lengths : array [hit]
        Number of residues in the protein.
    """

    rows: Int[ndarray, " hit"]
    places: Int[ndarray, " hit"]
    lengths: Int[ndarray, " hit"]

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, chosen: Bool[ndarray, " hit"]) -> "Hits":
        """Select hits."""
        return Hits(self.rows[chosen], self.places[chosen], self.lengths[chosen])


class ProteomeIndex:
    """All places of proteins, sorted by the word of 12 residues that starts there, with I = L.

    A peptide of up to 12 residues is a range of the sorted words, found by bisection; longer ones
    are compared to their end at each place of the range. Memory: 13 bytes for each residue.
    """

    def __init__(self, proteins: Proteins, masses: Float64[ndarray, " code"]) -> None:
        self.proteins, self.masses = proteins, masses
        self.codes = codes_of(proteins.letters)
        words = _words_everywhere(self.codes)
        self._order = np.argsort(words).astype(np.int32)
        self._words = words[self._order]

    def find(self, peptides: Peptides) -> Hits:
        """Find all places of peptides, with I = L."""
        sizes = np.minimum(peptides.lengths, WORD)
        rows, places = self._occurrences(_words(peptides.codes), sizes)
        rest = peptides.codes[:, WORD:]
        is_long = np.flatnonzero(peptides.lengths[rows] > WORD)
        wrong = np.zeros(len(rows), dtype=np.bool_)
        for start in range(0, len(is_long), _BLOCK):
            block = is_long[start : start + _BLOCK]
            wanted = rest[rows[block]]
            there = places[block, None] + np.arange(WORD, WORD + rest.shape[1])
            found = self.codes[np.minimum(there, len(self.codes) - 1)]
            wrong[block] = ((found != wanted) & (wanted != 0)).any(axis=1)
        rows, places = rows[~wrong], places[~wrong]
        return Hits(rows, places, peptides.lengths[rows])

    def _occurrences(self, words: ndarray, sizes: ndarray) -> tuple[ndarray, ndarray]:
        """Return the number of the word and the place of each occurrence of the first residues."""
        queries = np.argsort(words)
        words, sizes = words[queries], sizes[queries]
        ends = words + (np.uint64(1) << (_BITS * (WORD - sizes)).astype(np.uint64))
        # Bisection in the order of the words is six times as fast as in any other order.
        low = np.searchsorted(self._words, words)
        occurs = self._words[np.minimum(low, len(self._words) - 1)] < ends
        occurs &= (low < len(self._words)) & (sizes > 0)
        queries, low = queries[occurs], low[occurs]
        counts = np.searchsorted(self._words, ends[occurs]) - low
        total = np.cumsum(counts)
        within = np.arange(total[-1] if len(total) else 0) - np.repeat(total - counts, counts)
        places = self._order[np.repeat(low, counts) + within]
        return np.repeat(queries, counts), places.astype(np.int64)

    def find_by_mass(self, peptides: Peptides, tolerance: Float64[ndarray, " peptide"]) -> Hits:
        """Find where peptides fit outside their regions, and by mass (Da) in each region.

        Peptides without a region are left out, and those with fewer than 5 residues outside the
        regions or fewer than 4 of them in a row.
        """
        rows = np.unique(peptides.regions[:, 0])
        layout = _Layout(peptides, self.masses)
        anchors, sizes = layout.anchors()
        is_known = ~(peptides.codes == UNKNOWN).any(axis=1)
        is_enough = (sizes >= _MIN_ANCHOR) & (layout.n_ordered >= _MIN_ORDERED)
        rows = rows[(is_known & is_enough)[rows]]
        sizes = np.minimum(sizes[rows], WORD)
        columns = anchors[rows, None] + np.arange(WORD)
        codes = peptides.codes[rows[:, None], np.minimum(columns, peptides.codes.shape[1] - 1)]
        codes[np.arange(WORD) >= sizes[:, None]] = 0
        queries, places = self._occurrences(_words(codes), sizes)
        rows = rows[queries]
        found = [np.empty((0, 3), dtype=np.int64)]
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            found.append(self._extend(layout, rows[block], places[block], tolerance))
        hits = np.concatenate(found)
        return Hits(hits[:, 0], hits[:, 1], hits[:, 2] - hits[:, 1])

    def _extend(
        self, layout: "_Layout", rows: ndarray, places: ndarray, tolerance: ndarray
    ) -> ndarray:
        """Extend occurrences of anchors to both ends; return peptide, start and end of each."""
        starts, sizes = layout.anchor[rows], np.minimum(layout.longest[rows], WORD)
        kept, ends = self._walk(layout, rows, places + sizes, starts + sizes, tolerance, 1)
        rows, places, starts = rows[kept], places[kept], starts[kept]
        kept, firsts = self._walk(layout, rows, places - 1, starts - 1, tolerance, -1)
        return np.stack([rows[kept], firsts + 1, ends[kept]], axis=1)

    def _walk(
        self,
        layout: "_Layout",
        rows: ndarray,
        places: ndarray,
        columns: ndarray,
        tolerance: ndarray,
        step: int,
    ) -> tuple[ndarray, ndarray]:
        """Follow peptides and proteins in one direction.

        Return the numbers of the occurrences that fit to the end of the peptide, and the next place
        in the protein behind each of them.
        """
        number, width = np.arange(len(rows)), tolerance[rows]
        cells = layout.cells(rows, columns)
        missing = np.zeros(len(rows))  # mass of the present region that is still to be found
        done = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
        codes, jumps, masses = layout.steps[step]
        while len(number):
            wanted = codes.take(cells)
            is_region = missing != 0
            is_over = (wanted == _END) & ~is_region
            done.append((number[is_over], places[is_over]))
            enters = np.flatnonzero((wanted == _REGION) & ~is_region)
            missing[enters] = masses.take(cells[enters])
            cells[enters] += jumps.take(cells[enters])
            is_region[enters] = True
            there = self.codes.take(places, mode="clip")
            fits = (wanted == there) & ~is_over
            inside = np.flatnonzero(is_region)
            left = missing[inside] - self.masses[there[inside]]
            fits[inside] = left >= -width[inside]
            left[np.abs(left) <= width[inside]] = 0.0
            missing[inside] = left
            cells += step * ~is_region
            places = places + step
            rest = np.flatnonzero(fits)
            number, cells, places = number[rest], cells[rest], places[rest]
            missing, width = missing[rest], width[rest]
        kept, ends = (np.concatenate(each) for each in zip(*done, strict=True))
        order = np.argsort(kept)
        return kept[order], ends[order]


_BLOCK = 1 << 16
"""Occurrences that are compared at a time."""


class _Layout:
    """Peptides with regions, laid out for `ProteomeIndex`.

    ``steps`` holds what a walk in either direction meets in the cells of all peptides: the code of
    a residue, `_REGION` or `_END`; at a region, how many cells it has, signed, and its mass in Da.
    """

    def __init__(self, peptides: Peptides, masses: Float64[ndarray, " code"]) -> None:
        self.lengths = peptides.lengths
        n_peptides, self.width = peptides.codes.shape
        rows, starts, ends = peptides.regions.T
        mass_before = np.zeros((n_peptides, self.width + 1))
        np.cumsum(masses[peptides.codes], axis=1, out=mass_before[:, 1:])
        # A cell in front of each peptide, and one behind.
        codes = np.zeros((n_peptides, self.width + 2), dtype=np.uint8)
        codes[:, 1:-1] = peptides.codes
        codes[:, 0] = codes[np.arange(n_peptides), self.lengths + 1] = _END
        self.steps = {}
        for step, columns in ((1, starts), (-1, ends - 1)):
            of_step, jumps, mass = (
                codes.copy(),
                np.zeros(codes.shape, np.int8),
                np.zeros(codes.shape),
            )
            of_step[rows, columns + 1] = _REGION
            jumps[rows, columns + 1] = step * (ends - starts)
            mass[rows, columns + 1] = mass_before[rows, ends] - mass_before[rows, starts]
            self.steps[step] = of_step, jumps, mass
        depth = np.zeros((n_peptides, self.width + 1), dtype=np.int8)
        np.add.at(depth, (rows, starts), 1)
        np.add.at(depth, (rows, ends), -1)
        is_inside = np.arange(self.width) < self.lengths[:, None]
        self.is_ordered = (np.cumsum(depth, axis=1)[:, :-1] == 0) & is_inside
        self.n_ordered = self.is_ordered.sum(axis=1)
        self.anchor = self.longest = np.zeros(n_peptides, dtype=np.int64)

    def cells(
        self, rows: Int[ndarray, " occurrence"], columns: Int[ndarray, " occurrence"]
    ) -> Int[ndarray, " occurrence"]:
        """Return the cells of residues of peptides."""
        return rows * (self.width + 2) + columns + 1

    def anchors(self) -> tuple[Int[ndarray, " peptide"], Int[ndarray, " peptide"]]:
        """Find start and length of the longest run of ordered residues of each peptide."""
        run = np.zeros(len(self.lengths), dtype=np.int64)
        for column in range(self.width):
            run = np.where(self.is_ordered[:, column], run + 1, 0)
            is_longer = run > self.longest
            self.longest = np.maximum(self.longest, run)
            self.anchor = np.where(is_longer, column + 1 - run, self.anchor)
        return self.anchor, self.longest


def _words(codes: Shaped[ndarray, "peptide length"]) -> Shaped[ndarray, " peptide"]:
    """Pack the first residues of each row, left-aligned."""
    words = np.zeros(len(codes), dtype=np.uint64)
    for column in range(WORD):
        words <<= np.uint64(_BITS)
        if column < codes.shape[1]:
            words |= codes[:, column]
    return words


def _words_everywhere(codes: Shaped[ndarray, " residue"]) -> Shaped[ndarray, " residue"]:
    """Pack the residues from each place on."""
    words = np.zeros(len(codes), dtype=np.uint64)
    padded = np.concatenate([codes, np.zeros(WORD, dtype=np.uint8)])
    for shift in range(WORD):
        words <<= np.uint64(_BITS)
        words |= padded[shift : shift + len(codes)]
    return words
