"""Features of candidates for reranking, from networks, peaks and predicted spectra."""

from collections.abc import Sequence

import numpy as np

from denovo.chemistry.internal_fragments import MEASURED, InternalStatistics
from denovo.sequencing.rescoring.internal_odds import internal_log_odds
from denovo.sequencing.rescoring.lists import CandidateLists
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.typing import Float64, Int, ndarray

_LOWEST = -40.0
"""Features clip log-probabilities here; below, all candidates are equally improbable."""
_MAX_ODDS = 60.0
"""Features clip absolute log-odds here."""
_OF_NETWORK = ("log_probability", "mean_log_probability", "lowest", "second_lowest")
_OF_PEAKS = (
    *("site_coverage", "max_missing_sites", "explained_intensity", "length", "ppm_error"),
    "internal_log_odds",
)
_SIMILARITY = "similarity"
_IS_FIRST = "is_first_by_"
LIST_FEATURES = (
    "log_n_peaks",
    "is_singly_charged",
    "is_triply_charged",
    "is_highly_charged",
    "mass",
)
"""Features of a spectrum, the same for all its candidates."""


def candidate_features(directions: Sequence[str], has_similarity: bool) -> tuple[str, ...]:
    """Return the names of the features of a candidate."""
    scorers = [*directions, *(["joint"] if len(directions) > 1 else [])]
    scorers += [_SIMILARITY] if has_similarity else []
    of_networks = [f"{direction}_{name}" for direction in directions for name in _OF_NETWORK]
    similarity = [_SIMILARITY] if has_similarity else []
    is_first = [f"{_IS_FIRST}{scorer}" for scorer in scorers]
    return (*of_networks, *_OF_PEAKS, *similarity, *is_first)


def describe(
    lists: CandidateLists,
    matches: FragmentMatches,
    absolute_ppm_error: Float64[ndarray, " candidate"],
    similarity: Float64[ndarray, " candidate"] | None = None,
) -> Float64[ndarray, "candidate feature"]:
    """Compute the `candidate_features`, scaled to order 1."""
    n_residues = np.array([len(peptide) for peptide in lists.peptides], dtype=np.float64)
    columns = []
    for answers, total in zip(lists.by_network, lists.log_probability, strict=True):
        lowest = np.array([[*sorted(a.token_log_probability)[:2], 0.0][:2] for a in answers])
        of_network = [total, total / (n_residues + 1) * 10, *lowest.reshape(-1, 2).T]
        columns += [column.clip(_LOWEST, 0) / 10 for column in of_network]
    columns += [
        matches.site_coverage,
        matches.max_missing_sites / 5,
        matches.explained_intensity,
        n_residues / 10,
        absolute_ppm_error.clip(0, 50) / 10,
        scaled_log_odds(matches),
    ]
    scorers = [*lists.log_probability, *([lists.joint] if len(lists.by_network) > 1 else [])]
    if similarity is not None:
        columns.append(similarity)
        scorers.append(similarity)
    columns += [_is_first(lists.row, scorer) for scorer in scorers]
    return np.stack(columns, axis=1)


def scaled_log_odds(
    matches: FragmentMatches, statistics: InternalStatistics = MEASURED
) -> Float64[ndarray, " candidate"]:
    """Compute the feature of `internal_log_odds`."""
    return internal_log_odds(matches, statistics).clip(-_MAX_ODDS, _MAX_ODDS) / 10


def describe_lists(spectra: Spectra) -> Float64[ndarray, "batch feature"]:
    """Compute the `LIST_FEATURES`, scaled to order 1."""
    charge = spectra.precursor_charge.cpu().numpy()
    n_peaks = spectra.peak_mask.sum(dim=1).cpu().numpy()
    mass = spectra.precursor_mass.cpu().numpy()
    columns = [np.log10(np.maximum(n_peaks, 1)), charge == 1, charge == 3, charge > 3, mass / 1000]
    return np.stack(columns, axis=1).astype(np.float64)


def _is_first(
    row: Int[ndarray, " candidate"], score: Float64[ndarray, " candidate"]
) -> Float64[ndarray, " candidate"]:
    best = np.full(row.max(initial=0) + 1, -np.inf)
    np.maximum.at(best, row, score)
    return (score >= best[row]).astype(np.float64)
