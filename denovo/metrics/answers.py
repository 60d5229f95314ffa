"""Score answers against known peptides: counts per spectrum, and right residues."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from denovo.chemistry import Vocabulary
from denovo.metrics.matching import match_residues
from denovo.typing import Bool, Float64, ndarray


def right_residues(
    predicted_masses: Float64[ndarray, " predicted"],
    true_masses: Float64[ndarray, " true"],
    cum_tolerance: float = 0.5,
    residue_tolerance: float = 0.1,
) -> Bool[ndarray, " predicted"]:
    """Tell which predicted residues the true peptide has too, in the same place.

    Parameters
    ----------
    predicted_masses, true_masses : array, float64
        Masses of the residues in Da, from the N-terminus.
    cum_tolerance, residue_tolerance : float
        Exclusive bounds in Da, as in `match_residues`.

    Returns
    -------
    array of bool
        True where a true residue of the same mass ends at the same mass, counted from the
        N-terminus or from the C-terminus.
    """
    bounds = cum_tolerance, residue_tolerance
    forward = _found(predicted_masses, true_masses, *bounds)
    backward = _found(predicted_masses[::-1], true_masses[::-1], *bounds)[::-1]
    return forward | backward


def _found(
    predicted: Float64[ndarray, " predicted"],
    true: Float64[ndarray, " true"],
    cum_tolerance: float,
    residue_tolerance: float,
) -> Bool[ndarray, " predicted"]:
    same_end = np.abs(predicted.cumsum()[:, None] - true.cumsum()[None]) < cum_tolerance
    same_mass = np.abs(predicted[:, None] - true[None]) < residue_tolerance
    return np.any(same_end & same_mass, axis=1)


def score_peptides(
    predicted: Sequence[Sequence[int]], target: Sequence[Sequence[int]], vocabulary: Vocabulary
) -> pd.DataFrame:
    """Compare answers with the peptides that are known, by the criterion of `match_residues`.

    Parameters
    ----------
    predicted, target : sequences of int sequences
        Residue tokens of each peptide, without EOS; a prediction may be empty.
    vocabulary : Vocabulary
        Masses of the tokens.

    Returns
    -------
    DataFrame
        A row per spectrum: ``n_matched``, ``n_predicted`` and ``n_true`` residues, modifications of
        the N-terminus counted as residues; ``is_right``; ``has_answer``; ``length`` of the truth,
        such modifications not counted.

    Notes
    -----
    Ratios of sums over these rows (`clustered_figures`) are the figures of Casanovo's
    ``aa_match_metrics`` (5.2.1): its ``aa_precision`` and ``aa_recall`` have the same names here,
    its ``pep_precision`` counts spectra without an answer as wrong and is ``peptide_recall`` here.
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
    """Tell which residues of one answer are right, for ranking them by a score of their own.

    Parameters
    ----------
    predicted, target : sequence of int
        Residue tokens, without EOS; a prediction may be empty.
    vocabulary : Vocabulary
        Masses of the tokens.

    Returns
    -------
    array of bool
        One entry per residue, as `right_residues` says. A modification of the N-terminus has no
        entry: with a wrong one, the first residue is wrong.
    """
    masses, is_n_terminal = vocabulary.masses.numpy(), vocabulary.is_n_terminal.numpy()
    guess = list(predicted)
    right = right_residues(masses[guess], masses[list(target)])
    n_modifications = int(is_n_terminal[guess].sum())
    residues = right[n_modifications:].copy()
    residues[:1] &= right[:n_modifications].all()
    return residues
