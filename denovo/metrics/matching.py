"""Residues that match by mass, and scores of predictions against known peptides."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from denovo.chemistry import Vocabulary
from denovo.typing import Bool, Float64, ndarray

CUM_TOLERANCE, RESIDUE_TOLERANCE = 0.5, 0.1
"""Exclusive bounds in Da: of the mass up to the end of a residue, and of the residue itself."""


def match_residues(
    predicted_masses: Float64[ndarray, " predicted"],
    true_masses: Float64[ndarray, " true"],
) -> Bool[ndarray, " longer"]:
    """Mark the residues of two peptides that match by mass.

    A residue matches when the mass up to its end agrees within `CUM_TOLERANCE` and its own mass
    within `RESIDUE_TOLERANCE`. Masses are summed from the N-terminus first. The positions after
    the first residue without a match are then compared again with sums from the C-terminus, and
    this second result holds wherever two positions pair up.

    Parameters
    ----------
    predicted_masses, true_masses : array, float64
        Masses of the residues in Da, from the N-terminus. A modification of the N-terminus is an
        entry like any other.

    Returns
    -------
    array of bool
        One entry per position of the longer peptide; the peptide is right if all are True.

    Notes
    -----
    The criterion of Tran et al. (DeepNovo), PNAS 114, 8247 (2017), doi:10.1073/pnas.1705691114,
    with the suffix of Yilmaz et al. (Casanovo), ICML 2022, PMLR 162, 25514. K and Q, 0.036 Da
    apart, count as equal, as do F and oxidised M. A residue counts twice where prefix and suffix
    pair it with different ones; this is kept, so that figures can be compared.
    """
    n_predicted, n_true = len(predicted_masses), len(true_masses)
    matches = np.zeros(max(n_predicted, n_true), dtype=np.bool_)
    for i, j, is_match in _aligned(predicted_masses, true_masses):
        matches[max(i, j)] = is_match
    if matches.all():
        return matches
    start = int(np.argmin(matches))
    predicted_tail, true_tail = predicted_masses[start:][::-1], true_masses[start:][::-1]
    for i, j, is_match in _aligned(predicted_tail, true_tail):
        matches[max(n_predicted - 1 - i, n_true - 1 - j)] = is_match
    return matches


def _aligned(
    first: Float64[ndarray, " first"], second: Float64[ndarray, " second"]
) -> Iterator[tuple[int, int, bool]]:
    """Pair the positions whose cumulative masses agree, and compare their residues."""
    first_ends, second_ends = first.cumsum(), second.cumsum()
    i = j = 0
    while i < len(first) and j < len(second):
        gap = first_ends[i] - second_ends[j]
        if abs(gap) < CUM_TOLERANCE:
            yield i, j, bool(abs(first[i] - second[j]) < RESIDUE_TOLERANCE)
            i, j = i + 1, j + 1
        elif gap < 0:
            i += 1
        else:
            j += 1


def right_residues(
    predicted_masses: Float64[ndarray, " predicted"],
    true_masses: Float64[ndarray, " true"],
) -> Bool[ndarray, " predicted"]:
    """Mark the predicted residues that the true peptide has at the same place.

    Parameters
    ----------
    predicted_masses, true_masses : array, float64
        Masses of the residues in Da, from the N-terminus.

    Returns
    -------
    array of bool
        True where a true residue of the same mass ends at the same mass, counted from the
        N-terminus or from the C-terminus, within the bounds of `match_residues`.
    """
    forward = _found(predicted_masses, true_masses)
    backward = _found(predicted_masses[::-1], true_masses[::-1])[::-1]
    return forward | backward


def _found(
    predicted: Float64[ndarray, " predicted"], true: Float64[ndarray, " true"]
) -> Bool[ndarray, " predicted"]:
    same_end = np.abs(predicted.cumsum()[:, None] - true.cumsum()[None]) < CUM_TOLERANCE
    same_mass = np.abs(predicted[:, None] - true[None]) < RESIDUE_TOLERANCE
    return np.any(same_end & same_mass, axis=1)


def score_peptides(
    predicted: Sequence[Sequence[int]], target: Sequence[Sequence[int]], vocabulary: Vocabulary
) -> pd.DataFrame:
    """Compare predictions with the true peptides, by the criterion of `match_residues`.

    Parameters
    ----------
    predicted, target : sequences of int sequences
        Residue tokens of each peptide, without EOS; a prediction may be empty.
    vocabulary : Vocabulary
        Masses of the tokens.

    Returns
    -------
    DataFrame
        A row per spectrum: ``n_matched``, ``n_predicted`` and ``n_true`` residues, which include
        modifications of the N-terminus; ``is_right``; ``has_answer``; ``length`` of the true
        peptide without these modifications.

    Notes
    -----
    Ratios of sums over these rows (`clustered_figures`) are the figures of Casanovo's
    ``aa_match_metrics`` (5.2.1): ``aa_precision`` and ``aa_recall`` have the same names, and its
    ``pep_precision``, which counts spectra without an answer as wrong, is ``peptide_recall``.
    """
    masses, is_n_terminal = vocabulary.masses.numpy(), vocabulary.is_n_terminal.numpy()
    rows = []
    for guess, truth in zip(predicted, target, strict=True):
        matches = match_residues(masses[list(guess)], masses[list(truth)])
        length = int((~is_n_terminal[list(truth)]).sum())
        right, answered = bool(matches.all()), len(guess) > 0
        rows.append((int(matches.sum()), len(guess), len(truth), right, answered, length))
    names = ("n_matched", "n_predicted", "n_true", "is_right", "has_answer", "length")
    return pd.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(names)})


def score_residues(
    predicted: Sequence[int], target: Sequence[int], vocabulary: Vocabulary
) -> Bool[ndarray, " residue"]:
    """Mark the right residues of one prediction, as `right_residues` does.

    ``predicted`` and ``target`` are residue tokens without EOS; a prediction may be empty. A
    modification of the N-terminus has no entry: with a wrong one, the first residue is wrong.
    """
    masses, is_n_terminal = vocabulary.masses.numpy(), vocabulary.is_n_terminal.numpy()
    guess = list(predicted)
    right = right_residues(masses[guess], masses[list(target)])
    n_modifications = int(is_n_terminal[guess].sum())
    residues = right[n_modifications:].copy()
    residues[:1] &= right[:n_modifications].all()
    return residues
