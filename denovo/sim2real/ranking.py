"""How well scores tell right answers from wrong ones: precision over coverage."""

from typing import Any

import numpy as np
import pandas as pd

from denovo.metrics import PrecisionCoverage, precision_coverage

_COVERAGES = (0.25, 0.5, 0.75, 0.9)
_PRECISIONS = (0.9, 0.95)


def curve_of(rows: pd.DataFrame) -> PrecisionCoverage:
    """Rank the answers of a set by their probability, or where there is none by their score.

    Parameters
    ----------
    rows : DataFrame
        Rows of `answers_to`; those without any residue take room, but no rank.
    """
    answers = pd.DataFrame(rows[rows["has_answer"].astype(bool)])
    by = "probability" if bool(rows["probability"].notna().all()) else "log_probability"
    return precision_coverage(
        answers[by].to_numpy(dtype=np.float64),
        answers["is_right"].to_numpy(dtype=np.bool_),
        n_possible=len(rows),
    )


def ranking_figures(curve: PrecisionCoverage) -> dict[str, Any]:
    """Describe a curve in a few numbers.

    Returns
    -------
    dict
        ``area``; ``coverage_at``, the largest coverage with a precision of 90 and 95 %;
        ``precision_at``, the precision of the best quarter, half, three quarters and nine tenths of
        all spectra, None where fewer are answered.
    """
    return {
        "area": curve.average_precision,
        "coverage_at": {f"{level:.0%}": curve.coverage_at(level) for level in _PRECISIONS},
        "precision_at": {f"{share:.0%}": _precision_at(curve, share) for share in _COVERAGES},
    }


def _precision_at(curve: PrecisionCoverage, coverage: float) -> float | None:
    place = int(np.searchsorted(curve.coverage, coverage - 1e-12))
    return float(curve.precision[place]) if place < len(curve.precision) else None
