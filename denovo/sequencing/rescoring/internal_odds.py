"""How much the internal fragments of a spectrum speak for a candidate."""

import numpy as np
from scipy.special import log_ndtr, logsumexp
from scipy.stats import norm

from denovo.chemistry import Da
from denovo.chemistry.internal_fragments import MEASURED, InternalFragments, InternalStatistics
from denovo.sequencing.rescoring.ions import CandidateIons
from denovo.spectra.peak_index import PeakIndex
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
    ions: CandidateIons, statistics: InternalStatistics = MEASURED
) -> Float64[ndarray, " candidate"]:
    """Compare what is seen of the internal fragments of each candidate with chance.

    `InternalFragments` says how high each is to be expected, and so how likely it is to stand out
    above the weakest peak of the spectrum, and at what height. How rich a spectrum is in them is
    not known: the likelihood is averaged over it.

    Parameters
    ----------
    ions : CandidateIons
        The candidates and the peaks.
    statistics : InternalStatistics
        How high internal fragments are to be expected.

    Returns
    -------
    array [candidate], float64
        Natural logarithm of the ratio of the likelihoods; 0 where no internal fragment can be.
    """
    index = ions.index
    if not len(ions) or not len(index.key):
        return np.zeros(len(ions))
    internal = InternalFragments.of(ions.tokens, ions.is_residue, ions.vocabulary, statistics)
    place = internal.is_there.numpy().nonzero()
    candidate, mz = place[0], internal.mz.numpy()[place]
    expected = internal.log_height.numpy()[place].astype(np.float64)
    entry, is_seen = index.nearest(ions.row[candidate], mz, TOLERANCE)
    peak = ions.number(candidate, entry)
    # A terminal ion says nothing of what may lie beneath it, and one peak speaks once.
    is_taken = is_seen & np.isin(peak, ions.terminal)
    keep = ~is_taken & ~_is_repeated(peak, is_seen, expected)
    candidate, is_seen = candidate[keep], is_seen[keep]
    height, lowest = _log_heights(index)
    lowest = lowest[ions.row[candidate]]
    ratio = _log_ratio(statistics, expected[keep], height[entry[keep]], lowest, is_seen)
    sums = [np.bincount(candidate, column, minlength=len(ions)) for column in ratio]
    return np.asarray(logsumexp(np.stack(sums) + _PRIOR[:, None], axis=0))


def _log_heights(
    index: PeakIndex,
) -> tuple[Float64[ndarray, " entry"], Float64[ndarray, " batch"]]:
    """Return logarithms of the heights as shares of the base peak, and of the lowest of each."""
    n_rows = index.row[-1] + 1
    base = np.zeros(n_rows)
    np.maximum.at(base, index.row, index.intensity)
    share = index.intensity / np.maximum(base, 1e-30)[index.row]
    height = np.log(np.maximum(share, 1e-6))
    lowest = np.zeros(n_rows)
    np.minimum.at(lowest, index.row, height)
    return height, lowest


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
