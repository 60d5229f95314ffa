"""Substitutions that a spectrum cannot exclude: deamidation, and residues of equal mass."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from denovo.chemistry.residues import RESIDUES
from denovo.proteins.peptides import Peptides, ascii_codes, codes_of
from denovo.typing import Float64, Int, ndarray

_EXACT = 1e-3
"""Largest difference in Da of masses that are equal at any tolerance."""


class Substitution(NamedTuple):
    """One or two residues of an answer, and what a protein may have in their place.

    Parameters
    ----------
    answer, protein : str
        Residues, ``"N"`` and ``"GG"``.
    difference : float
        Absolute difference of their masses in Da; 0 for deamidation, which explains its own.
    """

    answer: str
    protein: str
    difference: float


DEAMIDATIONS = (Substitution("D", "N", 0.0), Substitution("E", "Q", 0.0))
"""Answers write deamidated N as D and deamidated Q as E."""


def equal_masses(masses: Float64[ndarray, " code"], tolerance: float) -> list[Substitution]:
    """List the substitutions of equal mass of single residues.

    Between two residues of an answer, outside its regions of undetermined order, a fragment shows
    that both are there. So a single residue may be another one (K for Q) or two (GG for N). Of
    pairs, only two equal residues may be one, as they never are a region of undetermined order.
    """
    letters = RESIDUES.replace("I", "")
    one = dict(zip(letters, masses[codes_of(ascii_codes(letters))].tolist(), strict=True))
    two = {a + b: one[a] + one[b] for a in letters for b in letters}
    twice = {2 * letter: two[2 * letter] for letter in letters}
    candidates = [(a, b, abs(one[a] - m)) for a in one for b, m in (one | two).items() if a != b]
    candidates += [(a, b, abs(m - one[b])) for a, m in twice.items() for b in one]
    return [Substitution(*each) for each in candidates if each[2] <= max(tolerance, _EXACT)]


def substituted(
    peptides: Peptides,
    substitutions: Sequence[Substitution],
    tolerance: Float64[ndarray, " peptide"],
) -> tuple[Peptides, Int[ndarray, " variant"]]:
    """Make all variants of peptides with one substitution, and list the peptide of each."""
    n_peptides, width = peptides.letters.shape
    base = np.zeros((n_peptides, width + 2), dtype=np.uint8)
    base[:, :width] = peptides.letters
    read_as = np.where(base == ord("I"), ord("L"), base)
    # By how many places the residues behind a substitution move.
    moved = {0: base, 1: np.roll(base, 1, axis=1), -1: np.roll(base, -1, axis=1)}
    blocks, rows = [np.empty((0, width + 1), dtype=np.uint8)], [np.empty(0, dtype=np.int64)]
    columns = np.arange(width + 2)
    for substitution in substitutions:
        old, new = ascii_codes(substitution.answer), ascii_codes(substitution.protein)
        is_here = read_as[:, :width] == old[0]
        if len(old) == 2:
            is_here &= read_as[:, 1 : width + 1] == old[1]
        row, place = np.divmod(np.flatnonzero(is_here), width)
        is_equal = tolerance[row] >= substitution.difference
        row, place = row[is_equal], place[is_equal]
        block = base.take(row, axis=0)
        if len(old) != len(new):
            behind = moved[len(new) - len(old)].take(row, axis=0)
            np.copyto(block, behind, where=columns > place[:, None])
        for number, letter in enumerate(new):
            block[np.arange(len(row)), place + number] = letter
        blocks.append(block[:, : width + 1])
        rows.append(row)
    letters = np.concatenate(blocks)
    nothing = np.empty((0, 3), dtype=np.int64)
    variants = Peptides(letters, codes_of(letters), (letters != 0).sum(axis=1), nothing)
    return variants, np.concatenate(rows)
