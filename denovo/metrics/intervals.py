"""How far a share that was counted may be from the true one."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from denovo.typing import Bool, Float64, Int, ndarray

_MAX_DRAWN = 1 << 13
"""Units drawn at a time, so that memory stays small however many there are."""


def wilson_interval(
    n_hits: float | int, n: float | int, confidence: float = 0.95
) -> tuple[float, float]:
    """Compute the interval that a share of independent trials is likely to lie in.

    Parameters
    ----------
    n_hits, n : float
        Hits and trials; ``0 <= n_hits <= n``. Whole numbers, unless the trials are weighted or
        counted by their effective number.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : float
        Bounds within [0, 1]; (0, 1) if there was no trial.

    Raises
    ------
    ValueError
        If there are more hits than trials, or fewer than none.

    Notes
    -----
    Wilson, J. Am. Stat. Assoc. 22, 209 (1927), doi:10.1080/01621459.1927.10502953.
    """
    if not 0 <= n_hits <= n:
        raise ValueError(f"expected 0 to {n} hits in {n} trials, got {n_hits}")
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = n_hits / n
    centre = share + z**2 / (2 * n)
    reach = z * (share * (1 - share) / n + (z / (2 * n)) ** 2) ** 0.5
    scale = 1 + z**2 / n
    return max((centre - reach) / scale, 0.0), min((centre + reach) / scale, 1.0)


def effective_number(weights: Float64[ndarray, " cluster"] | Int[ndarray, " cluster"]) -> float:
    """Count how many independent trials clusters of trials are worth, if each agrees in itself.

    Parameters
    ----------
    weights : array [cluster]
        Trials of each cluster.

    Returns
    -------
    float
        ``(sum of weights)^2 / sum of weights^2`` (Kish, Survey Sampling, Wiley 1965); 0 without
        trials.

    Examples
    --------
    >>> effective_number(np.array([1, 1, 1])), effective_number(np.array([3]))
    (3.0, 1.0)
    """
    squares = float((weights.astype(np.float64) ** 2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def clustered_interval(
    is_hit: Bool[ndarray, " trial"], clusters: Sequence[str] | ndarray
) -> tuple[float, float]:
    """Compute the Wilson interval of a share of trials, those of one cluster taken together.

    Parameters
    ----------
    is_hit : array [trial], bool
        The trials.
    clusters : sequence [trial] of str
        Cluster of each.
    """
    _, counts = np.unique(np.asarray(clusters, dtype=np.str_), return_counts=True)
    n = effective_number(counts)
    return wilson_interval(float(is_hit.mean()) * n if n else 0, n)


def resampled_sums(
    values: Float64[ndarray, "unit column"] | Int[ndarray, "unit column"],
    n_resamples: int = 1000,
    seed: int = 0,
) -> Float64[ndarray, "resample column"]:
    """Sum up as many units as there are, drawn anew with replacement, many times.

    Parameters
    ----------
    values : array [unit, column]
        What is summed up; a unit is drawn as a whole, all its columns together.
    n_resamples : int
        How often.
    seed : int
        Equal seeds draw the same units, if there are equally many.
    """
    random = np.random.default_rng(seed)
    sums: Float64[ndarray, "resample column"] = np.empty((n_resamples, values.shape[1]))
    n_together = max(1, _MAX_DRAWN // max(len(values), 1))
    for start in range(0, n_resamples, n_together):
        n_draws = min(n_together, n_resamples - start)
        drawn = random.integers(len(values), size=(n_draws, len(values)))
        sums[start : start + n_draws] = values[drawn].sum(axis=1)
    return sums
