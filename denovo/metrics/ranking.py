"""What a threshold on a score buys: how many answers are left, and how many of them are right."""

from dataclasses import dataclass

import numpy as np

from denovo.typing import Bool, Float64, ndarray


@dataclass(frozen=True)
class PrecisionCoverage:
    """Precision of the best answers, for each number of them.

    Parameters
    ----------
    threshold : array [point], float64
        Each score that occurs, falling; the point holds all answers with this score or more.
    coverage : array [point], float64
        Answers kept over all that could have been given, rising.
    precision : array [point], float64
        Right answers among those kept.
    recall : array [point], float64
        Right answers kept over all that could have been right, never falling.
    """

    threshold: Float64[ndarray, " point"]
    coverage: Float64[ndarray, " point"]
    precision: Float64[ndarray, " point"]
    recall: Float64[ndarray, " point"]

    @property
    def average_precision(self) -> float:
        """Area under precision over coverage, in [0, 1]; what is not covered adds nothing.

        This is what Casanovo's publications call average precision.
        """
        return float(np.sum(np.diff(self.coverage, prepend=0.0) * self.precision))

    @property
    def area_over_recall(self) -> float:
        """Area under precision over recall, in [0, 1]; what is not found adds nothing.

        InstaNovo's area under the curve, and scikit-learn's ``average_precision_score`` times the
        recall at full coverage.
        """
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))

    def coverage_at(self, precision: float) -> float:
        """Return the largest coverage at which at least this precision is reached; 0 if never."""
        reached = self.coverage[self.precision >= precision]
        return float(reached.max()) if len(reached) else 0.0


def precision_coverage(
    scores: Float64[ndarray, " answer"],
    is_right: Bool[ndarray, " answer"],
    n_possible: int | None = None,
    n_true: int | None = None,
) -> PrecisionCoverage:
    """Rank answers by a score and count the right ones from the best downwards.

    Parameters
    ----------
    scores : array [answer], float64
        Of peptides, or of residues; the higher the better. Answers with equal scores are kept or
        left together. Whoever gave no answer has no entry.
    is_right : array [answer], bool
        Whether each answer is right.
    n_possible : int or None
        What coverage is a share of: all spectra, whether answered or not; the number of answers
        if None, as for residues.
    n_true : int or None
        What recall is a share of: all spectra, or all true residues; ``n_possible`` if None.

    Returns
    -------
    PrecisionCoverage
        A point for each score that occurs; none without answers.

    Raises
    ------
    ValueError
        If a score is NaN, or there are more answers than possible.
    """
    n_possible = len(scores) if n_possible is None else n_possible
    n_true = n_possible if n_true is None else n_true
    if np.isnan(scores).any():
        raise ValueError("a score is NaN; leave out spectra without an answer")
    if len(scores) > n_possible:
        raise ValueError(f"{len(scores)} answers for {n_possible} questions")
    order = np.argsort(-scores, kind="stable")
    threshold = scores[order]
    is_last = np.append(threshold[1:] != threshold[:-1], True)[: len(scores)]
    kept = np.flatnonzero(is_last) + 1
    n_right = is_right[order].cumsum()[is_last]
    return PrecisionCoverage(
        threshold=threshold[is_last].astype(np.float64),
        coverage=kept / max(n_possible, 1),
        precision=n_right / np.maximum(kept, 1),
        recall=n_right / max(n_true, 1),
    )
