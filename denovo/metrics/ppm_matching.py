"""Residues that match by mass in ppm, and by name: the criterion of ProteoBench."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from denovo.chemistry import Vocabulary
from denovo.typing import Bool, ndarray

CUM_PPM, RESIDUE_PPM = 50.0, 20.0
"""Exclusive bounds in ppm: of the mass up to the end of a residue, and of the residue itself."""


@dataclass(frozen=True)
class PpmMatch:
    """Comparison of a predicted and a true peptide.

    Parameters
    ----------
    predicted : array [residue], bool
        Predicted residues that match by mass.
    is_right : bool
        Whether every position of the longer peptide matches by mass.
    visits : tuple of (int, int)
        Predicted and true residues that were compared, in order.
    """

    predicted: Bool[ndarray, " predicted"]
    is_right: bool
    visits: tuple[tuple[int, int], ...]

    def by_name(
        self, predicted: Sequence[str], true: Sequence[str]
    ) -> tuple[Bool[ndarray, " predicted"], Bool[ndarray, " true"]]:
        """Mark the residues of each peptide whose name was the same at their last comparison."""
        ours, theirs = np.zeros(len(predicted), np.bool_), np.zeros(len(true), np.bool_)
        for j, i in self.visits:
            ours[j] = theirs[i] = predicted[j] == true[i]
        return ours, theirs


def match_by_ppm(predicted: Sequence[float], true: Sequence[float]) -> PpmMatch:
    """Compare the residues of two peptides by mass, from both ends.

    Parameters
    ----------
    predicted, true : sequence of float
        Masses of the residues in Da, from the N-terminus; modifications of the N-terminus are one
        entry. NaN, an unknown mass, matches nothing.

    Returns
    -------
    PpmMatch
        From the N-terminus, then from the C-terminus down to the first position without a match.
        Bounds are relative to the predicted mass.

    Notes
    -----
    ProteoBench 0.19.0, ``proteobench.score.denovoscores.DenovoScores.aa_match``, after Casanovo's
    ``aa_match``. Unlike there, all residues that are passed on the way are compared by name, so
    that `PpmMatch.by_name` may mark residues that do not match by mass.
    """
    right = np.zeros(len(predicted), np.bool_)
    matches = np.zeros(max(len(predicted), len(true)), np.bool_)
    visits: list[tuple[int, int]] = []

    def walk(j: int, i: int, step: int, stop: int) -> None:
        mass, other = 0.0, 0.0
        while min(i, j) >= stop and j < len(predicted) and i < len(true):
            visits.append((j, i))
            end, other_end = mass + predicted[j], other + true[i]
            if abs(other_end - end) < CUM_PPM * 1e-6 * abs(end):
                gap = abs(true[i] - predicted[j])
                is_match = gap < RESIDUE_PPM * 1e-6 * abs(predicted[j])
                matches[max(i, j)] = right[j] = is_match
                i, j, mass, other = i + step, j + step, end, other_end
            elif end > other_end:
                i, other = i + step, other_end
            else:
                j, mass = j + step, end

    walk(0, 0, 1, 0)
    if not matches.all():
        walk(len(predicted) - 1, len(true) - 1, -1, int(np.argmin(matches)))
    return PpmMatch(right, bool(matches.all()), tuple(visits))


def score_by_ppm(
    predicted: Sequence[Sequence[int]],
    target: Sequence[Sequence[int]],
    vocabulary: Vocabulary,
    is_exact: bool,
) -> pd.DataFrame:
    """Compare predictions with the true peptides, by the criterion of `match_by_ppm`.

    Parameters
    ----------
    predicted, target : sequences of int sequences
        Residue tokens of each peptide, without EOS; a prediction may be empty.
    vocabulary : Vocabulary
        Masses and canonical tokens.
    is_exact : bool
        Whether right residues must have the same canonical token, not only the same mass.

    Returns
    -------
    DataFrame
        The columns of `score_peptides`, where all modifications of the N-terminus count as one
        residue, and tuples of ``residues_right`` as of `score_residues`.
    """
    rows = []
    for guess, truth in zip(predicted, target, strict=True):
        (masses, names), (true_masses, true_names) = (
            _joined(vocabulary, tokens) for tokens in (guess, truth)
        )
        found = match_by_ppm(masses, true_masses)
        right, is_right = found.predicted, found.is_right
        if is_exact:
            right, of_true = found.by_name(names, true_names)
            is_right &= bool(right.all() and of_true.all())
        length = vocabulary.n_residues(truth)
        counts = int(right.sum()), len(right), len(true_masses), is_right, len(guess) > 0, length
        n_terminal = len(right) - vocabulary.n_residues(guess)
        residues = right[n_terminal:].copy()
        residues[:1] &= right[:n_terminal].all()
        rows.append((*counts, tuple(residues.tolist())))
    names = ("n_matched", "n_predicted", "n_true", "is_right", "has_answer", "length")
    columns = (*names, "residues_right")
    return pd.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(columns)})


def _joined(vocabulary: Vocabulary, tokens: Sequence[int]) -> tuple[list[float], list[str]]:
    """Return masses and names of canonical tokens, modifications of the N-terminus as one."""
    canonical = vocabulary.canonical[list(tokens)]
    masses = vocabulary.masses[canonical].tolist()
    names = [vocabulary.tokens[token] for token in canonical.tolist()]
    n_terminal = len(tokens) - vocabulary.n_residues(tokens)
    if n_terminal > 1:
        masses[:n_terminal], names[:n_terminal] = (
            [sum(masses[:n_terminal])],
            ["".join(names[:n_terminal])],
        )
    return masses, names
