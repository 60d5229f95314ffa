"""How many wrong answers are to be expected above a threshold, from calibrated probabilities."""

import numpy as np

from denovo.typing import Float64, ndarray


def q_values(probability: Float64[ndarray, " answer"]) -> Float64[ndarray, " answer"]:
    """Estimate the least false discovery rate at which each answer is still accepted.

    Parameters
    ----------
    probability : array [answer], float64
        Calibrated probability of each answer to be right, in [0, 1], in any order.

    Returns
    -------
    array [answer], float64
        In [0, 1], in the same order: the mean of ``1 - probability`` over all answers that are at
        least as probable. It never falls as the probability does, and equal probabilities share
        one value.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or NaN.

    Notes
    -----
    Without decoys, as from posterior error probabilities (Käll et al., J. Proteome Res. 7, 40
    (2008), doi:10.1021/pr700739d). It is as good as the calibration: where probabilities are too
    high, it is too low.
    """
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("expected probabilities in [0, 1]")
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    rate = np.cumsum(1 - ranked) / np.arange(1, len(ranked) + 1)
    # An answer is accepted with all others of its probability, so the last of these counts.
    last = np.searchsorted(-ranked, -ranked, side="right") - 1
    # A running mean of rising numbers rises but for rounding.
    least = np.minimum.accumulate(rate[last][::-1])[::-1]
    result = np.empty_like(ranked)
    result[order] = np.clip(least, 0.0, 1.0)
    return result
