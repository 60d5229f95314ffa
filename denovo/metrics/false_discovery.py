"""False discovery rates: q-values from calibrated probabilities."""

import numpy as np

from denovo.metrics.calibration import check_probabilities
from denovo.typing import Float64, ndarray

FDR_LEVELS = (0.01, 0.05, 0.1)
"""False discovery rates that tables and pictures state."""


def q_values(probability: Float64[ndarray, " answer"]) -> Float64[ndarray, " answer"]:
    """Estimate the smallest false discovery rate at which each answer is accepted.

    Parameters
    ----------
    probability : array [answer], float64
        Calibrated probability that the answer is right, in [0, 1], in any order.

    Returns
    -------
    array [answer], float64
        In [0, 1], in the same order: the mean of ``1 - probability`` over all answers that are at
        least as probable. Equal probabilities have the same value, lower ones no smaller value.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or NaN.

    Notes
    -----
    The estimate needs no decoys; it follows from posterior error probabilities (Käll et al., J.
    Proteome Res. 7, 40 (2008), doi:10.1021/pr700739d). It relies on the calibration: where
    probabilities are too high, q-values are too low.
    """
    check_probabilities(probability)
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    rate = np.cumsum(1 - ranked) / np.arange(1, len(ranked) + 1)
    # Answers of equal probability are accepted together, so the last of them counts.
    last = np.searchsorted(-ranked, -ranked, side="right") - 1
    # A running mean of rising numbers rises, except for rounding.
    least = np.minimum.accumulate(rate[last][::-1])[::-1]
    result = np.empty_like(ranked)
    result[order] = np.clip(least, 0.0, 1.0)
    return result
