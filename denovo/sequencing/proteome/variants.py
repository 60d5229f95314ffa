"""Peptides of a proteome from which an answer differs by one residue, or by an equal mass."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.proteins.digest_index import DigestIndex
from denovo.typing import Bool, Int, Shaped, ndarray

_EXACT = 1e-4
"""Largest difference in Da of masses that are equal."""
_MAX_CHANGED = 2
"""Most residues that residues of equal mass replace."""


class Variant(NamedTuple):
    """A peptide of the proteome, without variable modifications, and what an answer has instead.

    ``change`` is ``A5V`` where the answer has V for A, the fifth residue of the peptide, and
    ``GG5N`` where residues have the same mass.
    """

    peptide: str
    change: str


class VariantFinder:
    """Finds the peptide of a digest of which an answer is a variant.

    Parameters
    ----------
    index : DigestIndex
        The digest.
    vocabulary : Vocabulary
        Tokens of index and answers.
    """

    def __init__(self, index: DigestIndex, vocabulary: Vocabulary) -> None:
        self.index, self.vocabulary = index, vocabulary
        alphabet, canonical = vocabulary.alphabet, vocabulary.canonical.tolist()
        self._masses = vocabulary.masses.numpy()
        self._letters = {}
        self._bare = np.zeros(len(vocabulary), dtype=np.uint8)
        for residue in alphabet.residues:
            letter, token = residue.amino_acid, vocabulary.index[residue.name]
            if not residue.is_n_terminal:
                plain = vocabulary.index.get(alphabet.implied.get(letter, letter), token)
                self._bare[token] = canonical[plain]
                self._letters.setdefault(canonical[plain], letter)
        self._residues = np.array(sorted(self._letters))

    def __call__(self, answer: Sequence[int], known: Sequence[int] = ()) -> Variant | None:
        """Find the peptide that differs least; None if there is none.

        Parameters
        ----------
        answer : sequence of int
            Tokens; modifications are not compared.
        known : sequence of int
            Tokens of a peptide of the proteome that is named if several differ so little.
        """
        asked = self._without_modifications(answer)
        entries, is_equal = self._near(asked)
        peptides = self.index.peptides(entries)
        length = self.index.length[entries].astype(np.int64)
        same, same_end = _common_ends(peptides, length, asked)
        old, new = length - same - same_end, len(asked) - same - same_end
        is_variant = (old == 1) & (new == 1)
        is_variant |= is_equal & (np.maximum(old, new) <= _MAX_CHANGED) & (np.minimum(old, new) > 0)
        found = np.flatnonzero(is_variant)
        if not len(found) or (old + new == 0).any():
            return None
        named = self._without_modifications(known).tolist()
        texts = [peptides[number, : length[number]].tolist() for number in found]
        best = min(
            range(len(found)),
            key=lambda place: (texts[place] != named, old[found[place]] + new[found[place]], place),
        )
        first, peptide = int(same[found[best]]), texts[best]
        before = "".join(self._letters[token] for token in peptide[first:][: old[found[best]]])
        after = "".join(self._letters[int(token)] for token in asked[first:][: new[found[best]]])
        return Variant(self.vocabulary.decode(peptide), f"{before}{first + 1}{after}")

    def _without_modifications(self, peptide: Sequence[int]) -> Shaped[ndarray, " residue"]:
        bare = self._bare[np.array(peptide, dtype=np.int64)]
        return bare[bare > 0]

    def _near(
        self, asked: Shaped[ndarray, " residue"]
    ) -> tuple[Int[ndarray, " entry"], Bool[ndarray, " entry"]]:
        """List the entries of the mass of a peptide with one residue replaced, or of its own."""
        mass = self.vocabulary.peptide_mass(asked.tolist())
        shifts = self._masses[self._residues] - self._masses[np.unique(asked)][:, None]
        shifts = np.unique(np.append(shifts[shifts != 0], 0.0))
        start = np.searchsorted(self.index.mass, mass + shifts - _EXACT)
        count = np.searchsorted(self.index.mass, mass + shifts + _EXACT) - start
        entries = np.repeat(start - np.cumsum(count) + count, count) + np.arange(count.sum())
        return entries, np.repeat(shifts == 0, count)


def _common_ends(
    peptides: Shaped[ndarray, "entry length"],
    length: Int[ndarray, " entry"],
    asked: Shaped[ndarray, " residue"],
) -> tuple[Int[ndarray, " entry"], Int[ndarray, " entry"]]:
    """Count the residues that each peptide shares with another at its start, then at its end."""
    width = min(peptides.shape[1], len(asked))
    same = np.logical_and.accumulate(peptides[:, :width] == asked[:width], axis=1).sum(axis=1)
    columns = length[:, None] - 1 - np.arange(width)
    ends = np.take_along_axis(peptides, columns.clip(0), axis=1)
    is_same = (ends == asked[::-1][:width]) & (columns >= 0)
    same_end = np.logical_and.accumulate(is_same, axis=1).sum(axis=1)
    return same, np.minimum(same_end, np.minimum(length, len(asked)) - same)
