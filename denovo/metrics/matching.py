"""Matching of the residues of two peptides by mass."""

from collections.abc import Iterator

import numpy as np

from denovo.typing import Bool, Float64, ndarray


def match_residues(
    predicted_masses: Float64[ndarray, " predicted"],
    true_masses: Float64[ndarray, " true"],
    cum_tolerance: float = 0.5,
    residue_tolerance: float = 0.1,
) -> Bool[ndarray, " longer"]:
    """Tell which residues of two peptides match by mass.

    A residue matches when the mass up to its end agrees within ``cum_tolerance`` and its own mass
    within ``residue_tolerance``. Masses are summed from the N-terminus first; what follows the
    first residue without a match is then judged again with sums from the C-terminus, and that
    verdict holds wherever two positions pair up.

    Parameters
    ----------
    predicted_masses, true_masses : array, float64
        Masses of the residues in Da, from the N-terminus. A modification of the N-terminus is an
        entry like any other.
    cum_tolerance, residue_tolerance : float
        Exclusive bounds in Da.

    Returns
    -------
    array of bool
        One entry per position of the longer peptide; the peptide is right if all are True.

    Notes
    -----
    The criterion of Tran et al. (DeepNovo), PNAS 114, 8247 (2017), doi:10.1073/pnas.1705691114,
    with the suffix of Yilmaz et al. (Casanovo), ICML 2022, PMLR 162, 25514. K and Q, 0.036 Da
    apart, count as equal under it, as do F and oxidised M. A residue counts twice where prefix and
    suffix pair it with different ones; that is kept, or figures could not be compared.
    """
    tolerances = cum_tolerance, residue_tolerance
    n_predicted, n_true = len(predicted_masses), len(true_masses)
    matches = np.zeros(max(n_predicted, n_true), dtype=np.bool_)
    for i, j, is_match in _aligned(predicted_masses, true_masses, *tolerances):
        matches[max(i, j)] = is_match
    if matches.all():
        return matches
    start = int(np.argmin(matches))
    predicted_tail, true_tail = predicted_masses[start:][::-1], true_masses[start:][::-1]
    for i, j, is_match in _aligned(predicted_tail, true_tail, *tolerances):
        matches[max(n_predicted - 1 - i, n_true - 1 - j)] = is_match
    return matches


def _aligned(
    first: Float64[ndarray, " first"],
    second: Float64[ndarray, " second"],
    cum_tolerance: float,
    residue_tolerance: float,
) -> Iterator[tuple[int, int, bool]]:
    """Pair the positions whose cumulative masses agree, and say whether the residues do too."""
    first_ends, second_ends = first.cumsum(), second.cumsum()
    i = j = 0
    while i < len(first) and j < len(second):
        gap = first_ends[i] - second_ends[j]
        if abs(gap) < cum_tolerance:
            yield i, j, bool(abs(first[i] - second[j]) < residue_tolerance)
            i, j = i + 1, j + 1
        elif gap < 0:
            i += 1
        else:
            j += 1
