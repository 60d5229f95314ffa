"""Calibration: probabilities of answers by logistic regression on their features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from denovo.errors import InputError
from denovo.metrics import Reliability
from denovo.sequencing.answer import FEATURES, Answer
from denovo.typing import Bool, Float64, ndarray

_REGULARISATION = 1.0
_MIN_PER_CLASS = 10
"""Fewest right and fewest wrong answers that a fit needs."""


@dataclass(frozen=True)
class Calibration:
    """A logistic regression on the features of answers and their squares.

    Features are clipped to ``low`` and ``high``, their range in the fit, as squares do not
    extrapolate. ``record`` holds data and quality of the fit, as plain values.

    Notes
    -----
    Platt's method (Platt, Advances in Large Margin Classifiers, 61 (1999)) with more features than
    the score. The probability that the network itself assigns is overconfident on noisy spectra.
    """

    weights: Float64[ndarray, " term"]
    intercept: float
    low: Float64[ndarray, " feature"]
    high: Float64[ndarray, " feature"]
    record: Mapping[str, Any]

    @classmethod
    def fit(
        cls,
        features: Float64[ndarray, "answer feature"],
        is_right: Bool[ndarray, " answer"],
        record: Mapping[str, Any],
    ) -> "Calibration":
        """Fit to the `FEATURES` of answers, and whether the whole peptide of each is right."""
        # Only fits need scikit-learn; it takes seconds to import.
        from sklearn.linear_model import LogisticRegression

        n_right = int(is_right.sum())
        if min(n_right, len(is_right) - n_right) < _MIN_PER_CLASS:
            raise InputError(
                f"{n_right} of {len(is_right)} answers are right: a probability needs at least "
                f"{_MIN_PER_CLASS} right and as many wrong ones to be fitted to; train for longer, "
                "or give more spectra"
            )
        model = LogisticRegression(C=_REGULARISATION, max_iter=5000)
        model.fit(_terms(features), is_right)
        weights = np.asarray(model.coef_, dtype=np.float64).flatten()
        intercept = float(np.asarray(model.intercept_).item())
        return cls(weights, intercept, features.min(axis=0), features.max(axis=0), dict(record))

    def of(self, answers: Sequence[Answer]) -> Float64[ndarray, " answer"]:
        """Return the probability that each answer, all of status ok, is right."""
        return self.probability(np.stack([answer.features() for answer in answers]))

    def probability(
        self, features: Float64[ndarray, "answer feature"]
    ) -> Float64[ndarray, " answer"]:
        """Return the probability that each row of features belongs to a right answer."""
        logit = _terms(features.clip(self.low, self.high)) @ self.weights + self.intercept
        return 1.0 / (1.0 + np.exp(-logit.clip(-700, 700)))

    @property
    def reliability(self) -> Reliability | None:
        """Reliability on held-out answers, if recorded."""
        found = self.record.get("reliability")
        return Reliability.from_state(found) if found else None

    def state(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return {
            "features": list(FEATURES),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "record": dict(self.record),
        }

    @classmethod
    def from_state(
        cls, state: Mapping[str, Any], path: str | Path = "the network"
    ) -> "Calibration":
        """Restore a calibration from its `state`; refuses that of other features."""
        sizes = {"weights": 2 * len(FEATURES), "low": len(FEATURES), "high": len(FEATURES)}
        fits = all(len(state.get(name) or ()) == size for name, size in sizes.items())
        if list(state.get("features", ())) != list(FEATURES) or not fits:
            raise InputError(
                f"{path}: its calibration was fitted by another version of denovo; export the "
                "checkpoint again with denovo export"
            )
        arrays = {name: np.array(state[name], dtype=np.float64) for name in sizes}
        record = dict(state.get("record", {}))
        return cls(intercept=float(state["intercept"]), record=record, **arrays)


def _terms(features: Float64[ndarray, "answer feature"]) -> Float64[ndarray, "answer term"]:
    return np.concatenate([features, features**2], axis=1)
