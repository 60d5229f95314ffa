"""Calibration of probabilities: reliability and Brier score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from denovo.metrics.intervals import clustered_interval
from denovo.typing import Bool, Float64, Int, ndarray

Binning = Literal["width", "mass"]
_ARRAYS = ("count", "predicted", "observed", "low", "high")


@dataclass(frozen=True)
class Reliability:
    """Predicted and observed probability of each bin; bins without answers are left out.

    Parameters
    ----------
    binning : {"width", "mass"}
        Bins of equal width, or of equal numbers of answers.
    count : array [bin], int64
        Answers in the bin.
    predicted : array [bin], float64
        Mean probability of these answers.
    observed : array [bin], float64
        Share of right answers.
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
        """Return the fields as plain values."""
        arrays = {name: getattr(self, name).tolist() for name in _ARRAYS}
        return {"binning": self.binning, **arrays}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Reliability":
        """Build the object from the result of `state`."""
        arrays = {name: np.array(state[name], np.float64) for name in _ARRAYS}
        return cls(state["binning"], **(arrays | {"count": arrays["count"].astype(np.int64)}))

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean over answers of the error of their bin, in [0, 1].

        Naeini et al., AAAI 2015, doi:10.1609/aaai.v29i1.9602. It depends on the bins and is biased
        upwards, so only equal bins and equal numbers of answers can be compared.
        """
        gaps = np.abs(self.predicted - self.observed)
        return float(np.sum(self.count * gaps) / max(self.count.sum(), 1))


def reliability(
    probability: Float64[ndarray, " answer"],
    is_right: Bool[ndarray, " answer"],
    n_bins: int = 10,
    binning: Binning = "width",
    clusters: Sequence[str] | None = None,
) -> Reliability:
    """Bin answers by probability and count the right ones.

    Parameters
    ----------
    probability : array [answer], float64
        Probability that the answer is right, in [0, 1].
    is_right : array [answer], bool
        Whether the answer is right.
    n_bins : int
        Number of bins; empty ones are left out.
    binning : {"width", "mass"}
        ``"width"``: [0, 0.1), [0.1, 0.2), ... [0.9, 1]. ``"mass"``: between quantiles of the
        probabilities; equal probabilities always share a bin.
    clusters : sequence [answer] of str or None
        Peptide of each answer; intervals treat the answers of one peptide as one cluster. None:
        all peptides differ.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1] or NaN, or ``n_bins`` is not positive.
    """
    check_probabilities(probability)
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
    """Compute the mean squared difference of probability and outcome; NaN without answers.

    Brier, Mon. Weather Rev. 78, 1 (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
    Raises `ValueError` if a probability is outside [0, 1] or NaN.
    """
    check_probabilities(probability)
    return float(np.mean((probability - is_right) ** 2)) if len(probability) else float("nan")


def check_probabilities(probability: Float64[ndarray, " answer"]) -> None:
    """Refuse values outside [0, 1]."""
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("expected probabilities in [0, 1]")
