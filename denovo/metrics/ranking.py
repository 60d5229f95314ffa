"""Precision, coverage and recall of answers ranked by a score."""

from dataclasses import dataclass

import numpy as np

from denovo.typing import Bool, Float64, ndarray


@dataclass(frozen=True)
class PrecisionCoverage:
    """Precision of the best answers, for each number of them.

    Parameters
    ----------
    threshold : array [point], float64
        Each score that occurs, falling; the point holds all answers with at least this score.
    coverage : array [point], float64
        Answers kept / all possible answers, rising.
    precision : array [point], float64
        Right answers / answers kept.
    recall : array [point], float64
        Right answers kept / all true ones, never falling.
    """

    threshold: Float64[ndarray, " point"]
    coverage: Float64[ndarray, " point"]
    precision: Float64[ndarray, " point"]
    recall: Float64[ndarray, " point"]

    @property
    def average_precision(self) -> float:
        """Area under precision over coverage, in [0, 1]; Casanovo's average precision."""
        return float(np.sum(np.diff(self.coverage, prepend=0.0) * self.precision))

    @property
    def area_over_recall(self) -> float:
        """Area under precision over recall, in [0, 1].

        InstaNovo's area under the curve, and scikit-learn's ``average_precision_score`` times the
        recall at full coverage.
        """
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))

    @property
    def area_by_trapezoids(self) -> float:
        """Area under precision over coverage from the best score on; NaN for a single point."""
        if len(self.precision) < 2:
            return float("nan")
        return float(np.trapezoid(self.precision, self.coverage))

    def coverage_at(self, precision: float) -> float:
        """Return the largest coverage with at least this precision; 0 if there is none."""
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
        Scores of peptides or residues, higher is better. Answers with equal scores are kept or
        dropped together. Spectra without an answer have no entry.
    is_right : array [answer], bool
        Whether each answer is right.
    n_possible : int or None
        Denominator of the coverage: all spectra, answered or not; the number of answers if None,
        as for residues.
    n_true : int or None
        Denominator of the recall: all spectra, or all true residues; ``n_possible`` if None.

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
        raise ValueError(f"expected at most {n_possible} answers, got {len(scores)}")
    order = np.argsort(-scores, kind="stable")
    threshold = scores[order]
    is_last = np.append(threshold[1:] != threshold[:-1], True)[: len(scores)]
    kept = np.flatnonzero(is_last) + 1
    n_right = is_right[order].cumsum()[is_last]
    return PrecisionCoverage(
        threshold=threshold[is_last].astype(np.float64),
        coverage=kept / max(n_possible, 1),
        precision=n_right / kept,
        recall=n_right / max(n_true, 1),
    )
