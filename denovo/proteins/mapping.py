"""Answers of a file of predictions mapped to proteins, with the chance matches of each kind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from denovo.chemistry.tolerance import Tolerance
from denovo.io.arrow_compute import pc
from denovo.proteins.index import Hits, ProteomeIndex
from denovo.proteins.matching import KINDS, LOOKED_UP, NUMBER, SAME, Match, Matcher, letters_at
from denovo.proteins.peptides import Notation, read_notation, read_peptides
from denovo.proteins.proteome import (
    Proteins,
    cleavage_sites,
    peptide_ends,
    shuffled,
)
from denovo.typing import Bool, Float64, Shaped, ndarray

_CHUNK = 1 << 16
"""Answers that are looked up at a time."""
SCHEMA = pa.schema(
    [
        ("match", pa.string()),
        ("matched_peptide", pa.string()),
        ("proteins", pa.list_(pa.string())),
        ("is_unique", pa.bool_()),
        ("starts", pa.list_(pa.int32())),
        ("ends", pa.list_(pa.int32())),
        ("pre", pa.list_(pa.string())),
        ("post", pa.list_(pa.string())),
        ("enzyme_ends", pa.list_(pa.int8())),
        ("shuffled_match", pa.string()),
        ("database_q_value", pa.float64()),
    ]
)
"""Columns of a mapping, in the order of the files."""
_TERMINUS = ord("-")


@dataclass(frozen=True)
class Mapping:
    """Answers mapped to proteins.

    Parameters
    ----------
    proteins : Proteins
        Proteins of the FASTA files.
    notation : Notation
        How the answers are written.
    is_end : array [residue], bool
        Places where a peptide of the enzyme may start or, exclusive, end.
    kinds, shuffled_kinds : array [answer], int8
        Number of the kind of match in the proteins and in the shuffled proteins, in `KINDS`.
    hits : Hits
        All places of the answers in the proteins, by answer and place.
    probability, q_value : array [answer], float64
        As in `Prediction`; NaN where there is none.
    """

    proteins: Proteins
    notation: Notation
    is_end: Bool[ndarray, " residue"]
    kinds: Shaped[ndarray, " answer"]
    shuffled_kinds: Shaped[ndarray, " answer"]
    hits: Hits
    probability: Float64[ndarray, " answer"]
    q_value: Float64[ndarray, " answer"]

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def is_looked_up(self) -> Bool[ndarray, " answer"]:
        """Whether there is an answer that is long enough."""
        return np.isin(self.kinds, [NUMBER[kind] for kind in LOOKED_UP])

    @property
    def is_found(self) -> Bool[ndarray, " answer"]:
        """Whether an answer has a match."""
        return self.kinds < NUMBER[Match.NONE]

    @cached_property
    def is_same(self) -> tuple[Bool[ndarray, " answer"], Bool[ndarray, " answer"]]:
        """Whether the proteins, and the shuffled ones, hold the peptide as the answer states it."""
        same = [NUMBER[kind] for kind in SAME]
        return np.isin(self.kinds, same), np.isin(self.shuffled_kinds, same)

    def wrong_share(self, chosen: Bool[ndarray, " answer"]) -> float:
        """Estimate the share of wrong answers among those that are chosen and looked up.

        Wrong answers are found in the proteins as often as in the shuffled ones; right answers are
        always found if the proteins are complete. With the shares ``t`` and ``c`` of answers that
        proteins and shuffled proteins hold as stated, the share is ``(1 - t) / (1 - c)``.
        """
        chosen = chosen & self.is_looked_up
        target, chance = (each[chosen].mean() if chosen.any() else np.nan for each in self.is_same)
        return float(min((1 - target) / (1 - chance), 1.0)) if chance < 1 else np.nan

    @cached_property
    def database_q_values(self) -> Float64[ndarray, " answer"]:
        """Smallest `wrong_share` among the answers at least as probable; NaN where unknown."""
        result = np.full(len(self), np.nan)
        rows = np.flatnonzero(self.is_looked_up & ~np.isnan(self.probability))
        rows = rows[np.argsort(-self.probability[rows], kind="stable")]
        count = np.arange(1, len(rows) + 1)
        target, chance = (np.cumsum(each[rows]) for each in self.is_same)
        rate = np.minimum((count - target) / np.maximum(count - chance, 1), 1.0)
        # Answers of equal probability are accepted together.
        ranked = -self.probability[rows]
        rate = rate[np.searchsorted(ranked, ranked, side="right") - 1]
        result[rows] = np.minimum.accumulate(rate[::-1])[::-1]
        return result

    def accepted(self, max_q_value: float | None) -> Hits:
        """Return the hits of answers up to a q-value; all of them if it is None."""
        if max_q_value is None:
            return self.hits
        return self.hits.where(self.q_value[self.hits.rows] <= max_q_value)

    def enzyme_end_counts(self) -> list[int]:
        """Count the matched answers with 0, 1 and 2 ends of the enzyme, at their best place."""
        n_ends = self.is_end[self.hits.places].astype(np.int8)
        n_ends += self.is_end[self.hits.places + self.hits.lengths]
        best = np.full(len(self), -1, dtype=np.int8)
        np.maximum.at(best, self.hits.rows, n_ends)
        return np.bincount(best[best >= 0], minlength=3).tolist()

    def table(self, start: int, stop: int) -> pa.RecordBatch:
        """Return the columns of `SCHEMA` for a range of answers."""
        first, last = np.searchsorted(self.hits.rows, [start, stop])
        block = slice(int(first), int(last))
        hits = Hits(self.hits.rows[block], self.hits.places[block], self.hits.lengths[block])
        owners = self.proteins.protein_of[hits.places]
        ends = hits.places + hits.lengths
        within = hits.places - self.proteins.starts[owners]
        offsets = np.searchsorted(hits.rows, np.arange(start, stop + 1)).astype(np.int32)
        names = pa.array(self.proteins.accessions, pa.string())
        n_ends = self.is_end[hits.places].astype(np.int8) + self.is_end[ends]
        kinds = pa.array([kind.value for kind in KINDS], pa.string())
        columns = [
            kinds.take(pa.array(self.kinds[start:stop])),
            self._matched(hits, start, stop),
            _lists(offsets, names.take(pa.array(owners))),
            self._is_unique(hits.rows - start, owners, stop - start),
            _lists(offsets, pa.array((within + 1).astype(np.int32))),
            _lists(offsets, pa.array((within + hits.lengths).astype(np.int32))),
            _lists(offsets, _characters(self.proteins.letters[hits.places - 1])),
            _lists(offsets, _characters(self.proteins.letters[ends])),
            _lists(offsets, pa.array(n_ends)),
            kinds.take(pa.array(self.shuffled_kinds[start:stop])),
            pa.array(self.database_q_values[start:stop], from_pandas=True),
        ]
        return pa.record_batch(columns, schema=SCHEMA)

    def peptides_at(self, hits: Hits) -> pa.Array:
        """Return the residues of the proteins at hits."""
        width = int(hits.lengths.max(initial=1))
        letters = letters_at(self.proteins.letters, hits, width)
        offsets = np.concatenate([[0], np.cumsum(hits.lengths)]).astype(np.int32)
        data = letters[np.arange(width) < hits.lengths[:, None]]
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.string(), len(hits), buffers)

    def _matched(self, hits: Hits, start: int, stop: int) -> pa.Array:
        """Return the residues of the first hit of each answer, null without one."""
        is_first = np.ones(len(hits), dtype=np.bool_)
        is_first[1:] = hits.rows[1:] != hits.rows[:-1]
        first = hits.where(is_first)
        places = np.full(stop - start, -1)
        places[first.rows - start] = np.arange(len(first))
        return self.peptides_at(first).take(pa.array(places, mask=places < 0))

    def _is_unique(self, rows: ndarray, owners: ndarray, count: int) -> pa.Array:
        """Whether all hits of an answer are in one protein; null without a hit."""
        lowest, highest = np.full(count, len(self.proteins)), np.full(count, -1)
        np.minimum.at(lowest, rows, owners)
        np.maximum.at(highest, rows, owners)
        return pa.array(lowest == highest, mask=highest < 0)


def _lists(offsets: ndarray, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _characters(letters: Shaped[ndarray, " hit"]) -> pa.Array:
    """Convert ASCII codes to texts of one letter, ``-`` beyond the end of a protein."""
    table = pa.array([chr(code or _TERMINUS) for code in range(128)], pa.string())
    return table.take(pa.array(letters))


def map_answers(
    answers: pa.Table,
    proteins: Proteins,
    enzyme: str,
    tolerance: Tolerance,
    min_length: int,
    seed: int,
    on_rows: Callable[[int], None] = lambda n_rows: None,
) -> Mapping:
    """Map answers to proteins and to the same proteins shuffled.

    Parameters
    ----------
    answers : Table
        Columns ``peptide``, ``ambiguity``, ``alternatives``, ``probability`` and ``q_value`` of
        predictions.
    proteins : Proteins
        Proteins.
    enzyme : str
        Name of a cleavage rule of pyteomics.
    tolerance : Tolerance
        Largest difference of equal masses; ppm are those of the mass of the peptide.
    min_length : int
        Fewest residues of an answer that is looked up.
    seed : int
        Of the shuffled proteins.
    on_rows : callable
        Called with the number of answers after each part of the work, to show progress; the
        numbers add up to twice the number of answers.

    Raises
    ------
    InputError
        If the enzyme is unknown.
    """
    is_cut = cleavage_sites(proteins, enzyme)
    notation = read_notation(answers["peptide"])

    def matcher_of(proteins: Proteins) -> Matcher:
        return Matcher(ProteomeIndex(proteins, notation.masses), notation, tolerance, min_length)

    kinds, shuffled_kinds, hits = [], [], []
    # Threads, as NumPy lets others run while it computes, and no array has to be copied.
    with ThreadPoolExecutor(2) as pool:
        matchers = list(pool.map(matcher_of, (proteins, shuffled(proteins, enzyme, seed))))
        for start in range(0, len(answers), _CHUNK):
            part = answers.slice(start, _CHUNK).combine_chunks()
            text, ambiguity, alternatives = (
                part[name].combine_chunks() for name in ("peptide", "ambiguity", "alternatives")
            )
            peptides = read_peptides(text, notation, ambiguity)
            running = [pool.submit(each.match, peptides, alternatives) for each in matchers]
            found, by_chance = running[0].result(), running[1].result()
            on_rows(2 * len(part))
            kinds.append(found.kinds)
            hits.append(np.stack([found.hits.rows + start, found.hits.places, found.hits.lengths]))
            shuffled_kinds.append(by_chance.kinds)
    rows, places, lengths = np.concatenate([np.empty((3, 0), np.int64), *hits], axis=1)
    probability, q_value = (
        answers[name].to_numpy().astype(np.float64) for name in ("probability", "q_value")
    )
    return Mapping(
        proteins,
        notation,
        peptide_ends(proteins, is_cut),
        np.concatenate([np.empty(0, np.int8), *kinds]),
        np.concatenate([np.empty(0, np.int8), *shuffled_kinds]),
        Hits(rows, places, lengths),
        probability,
        q_value,
    )


def unmatched_peptides(mapping: Mapping, answers: pa.Table) -> list[str]:
    """List the distinct answers that were looked up and not found, without modifications.

    The most probable ones are first.
    """
    rows = np.flatnonzero(mapping.kinds == NUMBER[Match.NONE])
    rows = rows[np.argsort(-np.nan_to_num(mapping.probability[rows]), kind="stable")]
    chosen = pc.take(answers["peptide"], pa.array(rows))
    bare = pc.replace_substring_regex(chosen, r"\[[^\]]*\]-?", "")
    return list(dict.fromkeys(bare.to_pylist()))
