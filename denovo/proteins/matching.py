"""Matches of answers with proteins: as they are, through their ambiguity, by an alternative."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from denovo.chemistry.masses import WATER_MASS
from denovo.chemistry.tolerance import Tolerance
from denovo.io.arrow_compute import pc
from denovo.proteins.index import Hits, ProteomeIndex
from denovo.proteins.peptides import Notation, Peptides, read_peptides
from denovo.proteins.substitutions import DEAMIDATIONS, equal_masses, substituted
from denovo.typing import Bool, Float64, Shaped, ndarray


class Match(StrEnum):
    """How an answer is found in proteins; the first kind that fits counts.

    ``exact``: letter by letter. ``I=L``: up to I and L. ``deamidation``: with one N for D or Q for
    E. ``order``: the residues of the regions of undetermined order stand in another order. ``equal
    mass``: such regions hold other residues of the same mass, or one residue outside is another
    one, or two, of the same mass. ``alternative``: one of the listed alternatives is found, up to
    I and L. ``none``: not found. ``too short``: not looked up. Empty: there is no answer.
    """

    EXACT = "exact"
    I_OR_L = "I=L"
    DEAMIDATION = "deamidation"
    ORDER = "order"
    EQUAL_MASS = "equal mass"
    ALTERNATIVE = "alternative"
    NONE = "none"
    TOO_SHORT = "too short"
    NO_ANSWER = ""


KINDS = tuple(Match)
FOUND = KINDS[: KINDS.index(Match.NONE)]
SAME = (Match.EXACT, Match.I_OR_L, Match.DEAMIDATION)
LOOKED_UP = KINDS[: KINDS.index(Match.TOO_SHORT)]
NUMBER = {kind: number for number, kind in enumerate(KINDS)}
"""Number of each kind of match in arrays."""


@dataclass(frozen=True)
class Found:
    """Matches of answers.

    Parameters
    ----------
    kinds : array [answer], int8
        Number of the kind of match of each answer, in `KINDS`.
    hits : Hits
        All places of the first kind that fits, sorted by answer and place.
    """

    kinds: Shaped[ndarray, " answer"]
    hits: Hits


class Matcher:
    """Finds answers in a proteome."""

    def __init__(
        self, index: ProteomeIndex, notation: Notation, tolerance: Tolerance, min_length: int
    ) -> None:
        self.index, self.notation = index, notation
        self.tolerance, self.min_length = tolerance, min_length

    def match(self, peptides: Peptides, alternatives: pa.Array | None = None) -> Found:
        """Find the first kind of match of each answer."""
        kinds = np.full(len(peptides), NUMBER[Match.NONE], dtype=np.int8)
        kinds[peptides.lengths < self.min_length] = NUMBER[Match.TOO_SHORT]
        kinds[peptides.lengths == 0] = NUMBER[Match.NO_ANSWER]
        found: list[Hits] = []

        def keep(hits: Hits, kind: Match) -> None:
            """Take hits of answers without an earlier match."""
            fresh = hits.where(kinds[hits.rows] == NUMBER[Match.NONE])
            kinds[fresh.rows] = NUMBER[kind]
            found.append(fresh)

        hits = self.index.find(peptides)
        is_exact = self._is_exact(peptides, hits)
        keep(hits, Match.I_OR_L)
        exact = hits.rows[is_exact]
        kinds[exact[kinds[exact] == NUMBER[Match.I_OR_L]]] = NUMBER[Match.EXACT]
        rows = np.flatnonzero(kinds == NUMBER[Match.NONE])
        width = self.half_width(peptides)
        keep(self._with_substitution(peptides, rows, width, DEAMIDATIONS), Match.DEAMIDATION)
        rows = np.flatnonzero(kinds == NUMBER[Match.NONE])
        is_open = kinds[peptides.regions[:, 0]] == NUMBER[Match.NONE]
        regions = self.index.find_by_mass(peptides.with_regions(is_open), width)
        is_permuted = self._is_permuted(peptides, regions)
        keep(regions.where(is_permuted), Match.ORDER)
        equal = equal_masses(self.index.masses, float(width.max(initial=0.0)))
        others = self._with_substitution(peptides, rows, width, tuple(equal))
        keep(_joined([regions.where(~is_permuted), others]), Match.EQUAL_MASS)
        if alternatives is not None:
            rows = np.flatnonzero(kinds == NUMBER[Match.NONE])
            keep(self._alternatives(alternatives, rows), Match.ALTERNATIVE)
        return Found(kinds, _sorted(_joined(found)))

    def half_width(self, peptides: Peptides) -> Float64[ndarray, " peptide"]:
        """Return the tolerance of each peptide in Da."""
        masses = np.where(peptides.codes > 0, self.index.masses[peptides.codes], 0.0).sum(axis=1)
        # A letter that is no residue is very heavy; its peptide is found nowhere.
        return np.minimum(self.tolerance.half_width(masses + WATER_MASS), 1.0)

    def _with_substitution(
        self, peptides: Peptides, rows: ndarray, width: ndarray, substitutions: tuple
    ) -> Hits:
        variants, of = substituted(peptides.take(rows), substitutions, width[rows])
        hits = self.index.find(variants)
        return Hits(rows[of[hits.rows]], hits.places, hits.lengths)

    def _alternatives(self, alternatives: pa.Array, rows: ndarray) -> Hits:
        chosen = alternatives.take(pa.array(rows))
        parents = pc.list_parent_indices(chosen).to_numpy()
        texts = pc.struct_field(pc.list_flatten(chosen), [0])
        peptides = read_peptides(texts, self.notation)
        is_long = np.flatnonzero(peptides.lengths >= self.min_length)
        hits = self.index.find(peptides.take(is_long))
        return Hits(rows[parents[is_long[hits.rows]]], hits.places, hits.lengths)

    def _is_exact(self, peptides: Peptides, hits: Hits) -> Bool[ndarray, " hit"]:
        wanted = peptides.letters[hits.rows]
        there = letters_at(self.index.proteins.letters, hits, wanted.shape[1])
        return (there == wanted).all(axis=1)

    def _is_permuted(self, peptides: Peptides, hits: Hits) -> Bool[ndarray, " hit"]:
        """Whether hits have the residues of their peptides, in whatever order."""
        codes = peptides.codes[hits.rows]
        there = letters_at(self.index.codes, hits, codes.shape[1])
        is_same = (np.sort(codes, axis=1) == np.sort(there, axis=1)).all(axis=1)
        return is_same & (hits.lengths == peptides.lengths[hits.rows])


def letters_at(
    letters: Shaped[ndarray, " residue"], hits: Hits, width: int
) -> Shaped[ndarray, "hit length"]:
    """Return the letters of hits in rows of one width, 0 behind the end."""
    columns = np.arange(width)
    there = letters[np.minimum(hits.places[:, None] + columns, len(letters) - 1)]
    there[columns >= hits.lengths[:, None]] = 0
    return there


def _joined(parts: list[Hits]) -> Hits:
    rows, places, lengths = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("rows", "places", "lengths")
    )
    return Hits(rows, places, lengths)


def _sorted(hits: Hits) -> Hits:
    """Sort by answer and place, and drop repeated hits."""
    order = np.lexsort((hits.lengths, hits.places, hits.rows))
    rows, places, lengths = hits.rows[order], hits.places[order], hits.lengths[order]
    is_new = np.ones(len(rows), dtype=np.bool_)
    is_new[1:] = np.diff(rows).astype(bool) | np.diff(places).astype(bool)
    is_new[1:] |= np.diff(lengths).astype(bool)
    return Hits(rows, places, lengths).where(is_new)
