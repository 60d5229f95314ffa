"""Calibration of probabilities: reliability, Brier score, and q-values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from denovo.metrics.intervals import clustered_interval
from denovo.typing import Bool, Float64, Int, ndarray

Binning = Literal["width", "mass"]
FDR_LEVELS = (0.01, 0.05, 0.1)
"""False discovery rates that tables and pictures state."""
_ARRAYS = ("count", "predicted", "observed", "low", "high")


@dataclass(frozen=True)
class Reliability:
    """Predicted and observed probability, bin by bin; bins without answers are left out.

    Parameters
    ----------
    binning : {"width", "mass"}
        Whether the bins are equally wide, or hold equally many answers.
    count : array [bin], int64
        Answers in the bin.
    predicted : array [bin], float64
        Mean probability in it.
    observed : array [bin], float64
        Share of right answers in it.
    low, high : array [bin], float64
        95 % interval of that share, see `clustered_interval`.
    """

    binning: Binning
    count: Int[ndarray, " bin"]
    predicted: Float64[ndarray, " bin"]
    observed: Float64[ndarray, " bin"]
    low: Float64[ndarray, " bin"]
    high: Float64[ndarray, " bin"]

    def state(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        arrays = {name: getattr(self, name).tolist() for name in _ARRAYS}
        return {"binning": self.binning, **arrays}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Reliability":
        """Read what `state` returned."""
        arrays = {name: np.array(state[name], np.float64) for name in _ARRAYS}
        return cls(state["binning"], **(arrays | {"count": arrays["count"].astype(np.int64)}))

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean over answers of how far their bin is off; in [0, 1].

        Naeini et al., AAAI 2015, doi:10.1609/aaai.v29i1.9602. It depends on the bins and is never
        too low by chance, so only equal bins and equal numbers of answers can be compared.
        """
        gaps = np.abs(self.predicted - self.observed)
        return float(np.sum(self.count * gaps) / max(self.count.sum(), 1))

    @property
    def largest_error(self) -> float:
        """How far the worst bin is off, in [0, 1]; 0 without answers."""
        return float(np.abs(self.predicted - self.observed).max(initial=0.0))


def reliability(
    probability: Float64[ndarray, " answer"],
    is_right: Bool[ndarray, " answer"],
    n_bins: int = 10,
    binning: Binning = "width",
    clusters: Sequence[str] | None = None,
) -> Reliability:
    """Gather answers of similar probability and count how many are right.

    Parameters
    ----------
    probability : array [answer], float64
        Probability of each answer to be right, in [0, 1].
    is_right : array [answer], bool
        Whether it is.
    n_bins : int
        How many bins; fewer come back where some would be empty.
    binning : {"width", "mass"}
        ``"width"``: [0, 0.1), [0.1, 0.2), ... [0.9, 1], the usual ones. ``"mass"``: between
        quantiles of the probabilities; equal probabilities always share a bin.
    clusters : sequence [answer] of str or None
        Peptide of each answer: intervals take those of one peptide together. None: all differ.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or NaN, or ``n_bins`` is not positive.
    """
    _check(probability)
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1, got {n_bins}")
    inner = np.linspace(0, 1, n_bins + 1)[1:-1]
    if binning == "mass" and len(probability):
        inner = np.quantile(probability, inner)
    number = np.searchsorted(inner, probability, side="right")
    count = np.bincount(number, minlength=n_bins)
    is_used = count > 0
    n_right = np.bincount(number, weights=is_right, minlength=n_bins)[is_used]
    total = np.bincount(number, weights=probability, minlength=n_bins)[is_used]
    count = count[is_used]
    names = np.arange(len(number)) if clusters is None else np.asarray(clusters, dtype=np.str_)
    bins = [number == used for used in np.flatnonzero(is_used)]
    bounds = [clustered_interval(is_right[inside], names[inside]) for inside in bins]
    low, high = np.array(bounds, dtype=np.float64).reshape(-1, 2).T
    return Reliability(binning, count, total / count, n_right / count, low, high)


def brier_score(
    probability: Float64[ndarray, " answer"], is_right: Bool[ndarray, " answer"]
) -> float:
    """Compute the mean squared difference of probability and outcome, in [0, 1]; NaN without any.

    Brier, Mon. Weather Rev. 78, 1 (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or NaN.
    """
    _check(probability)
    return float(np.mean((probability - is_right) ** 2)) if len(probability) else float("nan")


def _check(probability: Float64[ndarray, " answer"]) -> None:
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("expected probabilities in [0, 1]")


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
