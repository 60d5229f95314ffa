"""Log-odds of the internal fragments of candidates against random matches."""

import numpy as np
from scipy.special import log_ndtr, logsumexp

from denovo.chemistry import FIRST_RESIDUE, Da
from denovo.chemistry.internal_fragments import MEASURED, InternalFragments, InternalStatistics
from denovo.spectra.fragment_matches import FragmentMatches, is_coarse
from denovo.typing import Bool, Float64, Int, ndarray

TOLERANCE = Da(0.008)
"""Absolute, as internal fragments are small and files are rounded to 0.01 Th."""

_BY_CHANCE = 0.01
"""Probability of a random match: 0.002 to 0.013 in measured files."""
_CHANCE_HEIGHT = 1.3
"""Mean log-height of a randomly matched peak above the weakest peak."""

_RICHNESS = np.linspace(-2.0, 2.0, 9)
"""Standard deviations by which internal fragments stand higher in a spectrum than in others."""
_PRIOR = -(_RICHNESS**2) / 2 - logsumexp(-(_RICHNESS**2) / 2)

_MAX_RATIO, _MIN_RATIO = np.log(100.0), np.log(0.05)
"""Bounds of the log-ratio of one fragment."""


def internal_log_odds(
    matches: FragmentMatches, statistics: InternalStatistics = MEASURED
) -> Float64[ndarray, " candidate"]:
    """Compute the log-likelihood ratio of internal fragments and random matches per candidate.

    `InternalFragments` predicts the height of each fragment, and so the probability that it exceeds
    the weakest peak of the spectrum. The abundance of internal fragments in a spectrum is unknown;
    the likelihood is averaged over it. The result is 0 for candidates without internal fragments,
    and for all at low resolution: at each m/z there is some internal fragment then, and what is
    known of them was measured at high resolution.
    """
    if is_coarse(matches.tolerance):
        return np.zeros(len(matches))
    candidate, expected, entry, is_seen = match_internal(matches, statistics)
    # Peaks of terminal ions are left out, and every peak counts once.
    is_taken = is_seen & matches.are_terminal(candidate, entry)
    has_peaks = matches.spectra.peak_mask.any(dim=1)[matches.row].numpy()
    keep = has_peaks[candidate] & ~is_taken
    keep[_repeated(matches.pairs(candidate, entry), is_seen, expected)] = False
    candidate, is_seen = candidate[keep], is_seen[keep]
    height, lowest = _log_heights(matches)
    lowest = lowest[matches.row.numpy()[candidate]]
    ratio = _log_ratio(statistics, expected[keep], height[entry[keep]], lowest, is_seen)
    sums = [np.bincount(candidate, column, minlength=len(matches)) for column in ratio]
    return np.asarray(logsumexp(np.stack(sums) + _PRIOR[:, None], axis=0))


def match_internal(
    matches: FragmentMatches, statistics: InternalStatistics = MEASURED
) -> tuple[
    Int[ndarray, " fragment"],
    Float64[ndarray, " fragment"],
    Int[ndarray, " fragment"],
    Bool[ndarray, " fragment"],
]:
    """Match internal fragments to peaks.

    Returns, for each fragment, its candidate, the logarithm of its expected height, the index entry
    of the nearest peak, and whether that lies within `TOLERANCE`.
    """
    is_n_terminal = matches.vocabulary.is_n_terminal[matches.tokens]
    is_residue = (matches.tokens >= FIRST_RESIDUE) & ~is_n_terminal
    internal = InternalFragments.of(matches.tokens, is_residue, matches.vocabulary, statistics)
    candidate = internal.is_there.nonzero()[:, 0]
    row, mz = matches.row[candidate], internal.mz[internal.is_there]
    entry, is_seen = matches.index.match(row, mz, TOLERANCE)
    expected = internal.log_height[internal.is_there].double()
    return candidate.numpy(), expected.numpy(), entry.numpy(), is_seen.numpy()


def _log_heights(
    matches: FragmentMatches,
) -> tuple[Float64[ndarray, " entry"], Float64[ndarray, " batch"]]:
    """Return the log-heights relative to the base peak, and the lowest of each spectrum."""
    is_peak = matches.spectra.peak_mask.numpy()
    intensity = matches.peak_intensity.reshape(is_peak.shape)
    share = intensity / np.maximum(intensity.max(axis=1, keepdims=True), 1e-30)
    height = np.log(np.maximum(share, 1e-6))
    return height.flatten(), np.where(is_peak, height, 0.0).min(axis=1)


def _log_ratio(
    statistics: InternalStatistics,
    expected: Float64[ndarray, " fragment"],
    height: Float64[ndarray, " fragment"],
    lowest: Float64[ndarray, " fragment"],
    is_seen: Bool[ndarray, " fragment"],
) -> Float64[ndarray, "richness fragment"]:
    """Compute the log-ratio of each fragment for each abundance; all arguments are logarithms."""
    ratio = np.empty((len(_RICHNESS), len(is_seen)))
    seen, unseen = is_seen.nonzero()[0], (~is_seen).nonzero()[0]
    expected = expected + statistics.between_spectra * _RICHNESS[:, None]
    above = height[seen] - lowest[seen]
    chance = np.log(_BY_CHANCE / _CHANCE_HEIGHT) - above / _CHANCE_HEIGHT
    # A normal density, written out as scipy.stats takes half a second to load.
    deviation = (height[seen] - expected[:, seen]) / statistics.scatter
    density = -(deviation**2) / 2 - np.log(statistics.scatter * np.sqrt(2 * np.pi))
    ratio[:, seen] = np.minimum(np.logaddexp(density - chance, 0.0), _MAX_RATIO)
    below = log_ndtr((lowest[unseen] - expected[:, unseen]) / statistics.scatter)
    ratio[:, unseen] = np.maximum(below, _MIN_RATIO)
    return ratio


def _repeated(
    peak: Int[ndarray, " fragment"],
    is_seen: Bool[ndarray, " fragment"],
    expected: Float64[ndarray, " fragment"],
) -> Int[ndarray, " repeated"]:
    """Return the numbers of fragments that share a peak with one of larger expected height."""
    seen = is_seen.nonzero()[0]
    order = seen[np.lexsort((-expected[seen], peak[seen]))]
    return order[1:][peak[order[1:]] == peak[order[:-1]]]
