"""How much the internal fragments of a spectrum speak for a candidate."""

import numpy as np
from scipy.special import log_ndtr, logsumexp
from scipy.stats import norm

from denovo.chemistry import FIRST_RESIDUE, Da
from denovo.chemistry.internal_fragments import MEASURED, InternalFragments, InternalStatistics
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.typing import Bool, Float64, Int, ndarray

TOLERANCE = Da(0.008)
"""Internal fragments are small, where rounding to 0.01 Th weighs more than calibration in ppm."""

_BY_CHANCE = 0.01
"""How often a peak lies where none of an internal fragment is: 0.002 to 0.013 in measured files."""
_CHANCE_HEIGHT = 1.3
"""Mean of the logarithm of the height of such a peak above the weakest one."""

_RICHNESS = np.linspace(-2.0, 2.0, 9)
"""Standard deviations by which internal fragments stand higher in a spectrum than in others."""
_PRIOR = norm.logpdf(_RICHNESS) - logsumexp(norm.logpdf(_RICHNESS))

_MOST, _LEAST = np.log(100.0), np.log(0.05)
"""What a single fragment that is seen, or is not, can say at most."""


def internal_log_odds(
    matches: FragmentMatches, statistics: InternalStatistics = MEASURED
) -> Float64[ndarray, " candidate"]:
    """Compare what is seen of the internal fragments of each candidate with chance.

    `InternalFragments` says how high each is to be expected, and so how likely it is to stand out
    above the weakest peak of the spectrum, and at what height. How rich a spectrum is in them is
    not known: the likelihood is averaged over it.
    """
    candidate, expected, entry, is_seen = match_internal(matches, statistics)
    peak = matches.pairs(candidate, entry)
    # A terminal ion says nothing of what may lie beneath it, and one peak speaks once.
    is_taken = is_seen & np.isin(peak, matches.terminal_pairs)
    has_peaks = matches.spectra.peak_mask.any(dim=1)[matches.row].numpy()
    keep = ~is_taken & ~_is_repeated(peak, is_seen, expected) & has_peaks[candidate]
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
    """Look the internal fragments of candidates up."""
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
    """Return logarithms of the heights as shares of the base peak, and of the lowest of each."""
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
    """Compare seeing a fragment at a height, or not at all, with chance; all are logarithms."""
    expected = expected + statistics.between_spectra * _RICHNESS[:, None]
    above = height - lowest
    chance = np.log(_BY_CHANCE / _CHANCE_HEIGHT) - above / _CHANCE_HEIGHT
    seen = np.logaddexp(norm.logpdf(height, expected, statistics.scatter) - chance, 0.0)
    unseen = log_ndtr((lowest - expected) / statistics.scatter)
    return np.where(is_seen, np.minimum(seen, _MOST), np.maximum(unseen, _LEAST))


def _is_repeated(
    peak: Int[ndarray, " fragment"],
    is_seen: Bool[ndarray, " fragment"],
    expected: Float64[ndarray, " fragment"],
) -> Bool[ndarray, " fragment"]:
    """Tell which fragments share a peak with one that is expected to be higher."""
    order = np.lexsort((-expected, peak, is_seen))
    is_repeated = np.zeros(len(peak), dtype=bool)
    is_repeated[order[1:]] = (peak[order[1:]] == peak[order[:-1]]) & is_seen[order[:-1]]
    return is_repeated
