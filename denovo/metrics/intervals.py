"""Confidence intervals of shares, and figures with intervals for clusters of spectra."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from denovo.typing import Bool, Float64, Int, ndarray

CLUSTERED = {
    "aa_precision": ("n_matched", "n_predicted"),
    "aa_recall": ("n_matched", "n_true"),
    "peptide_precision": ("is_right", "has_answer"),
    "peptide_recall": ("is_right", "n"),
}
"""Each figure as a ratio of sums over rows of `score_peptides`; ``n`` counts the rows."""
COUNTS = ("n_matched", "n_predicted", "n_true", "is_right", "has_answer", "n")
"""Columns of sums over these rows."""
_MIN_RESAMPLED = 10
"""Smallest number of peptides for a bootstrap interval."""
_MAX_DRAWN = 1 << 13
"""Units drawn at a time, which bounds the memory."""


def wilson_interval(
    n_hits: float | int, n: float | int, confidence: float = 0.95
) -> tuple[float, float]:
    """Compute the confidence interval of a share of independent trials, in [0, 1].

    ``n_hits`` and ``n`` may be fractions if the trials are weighted or counted by their effective
    number. The interval is (0, 1) without trials. Raises `ValueError` unless ``0 <= n_hits <= n``.
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
    """Compute the number of independent trials that equals clusters of identical trials.

    It is ``(sum of weights)^2 / sum of weights^2`` with the number of trials of each cluster as
    weights (Kish, Survey Sampling, Wiley 1965); 0 without trials.

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
    """Compute the Wilson interval of a share, with the effective number of clustered trials."""
    _, counts = np.unique(np.asarray(clusters, dtype=np.str_), return_counts=True)
    n = effective_number(counts)
    return wilson_interval(float(is_hit.mean()) * n if n else 0, n)


def resampled_sums(
    values: Float64[ndarray, "unit column"] | Int[ndarray, "unit column"],
    n_resamples: int = 1000,
    seed: int = 0,
) -> Float64[ndarray, "resample column"]:
    """Sum bootstrap samples of the units, each drawn with replacement and with all its columns.

    Equal seeds draw the same units if there are equally many.
    """
    random, n = np.random.default_rng(seed), len(values)
    sums: Float64[ndarray, "resample column"] = np.empty((n_resamples, values.shape[1]))
    n_together = max(1, _MAX_DRAWN // max(n, 1))
    for start in range(0, n_resamples, n_together):
        n_draws = min(n_together, n_resamples - start)
        drawn = random.integers(n, size=(n_draws, n)) + n * np.arange(n_draws)[:, None]
        # Counting how often a unit is drawn is several times as fast as gathering its values.
        counts = np.bincount(drawn.ravel(), minlength=n_draws * n).reshape(n_draws, n)
        sums[start : start + n_draws] = counts.astype(np.float64) @ values
    return sums


def clustered_figures(
    rows: pd.DataFrame,
    clusters: Sequence[str],
    is_averaged: bool = False,
    n_resamples: int = 1000,
) -> dict[str, float | int]:
    """Compute the figures of spectra, with intervals for clusters of dependent spectra.

    Parameters
    ----------
    rows : DataFrame
        Rows of `score_peptides`, at least one.
    clusters : sequence [row] of str
        Peptide of each row; rows of one peptide are right or wrong together.
    is_averaged : bool
        Whether each peptide has a total weight of 1, shared equally by its spectra; otherwise each
        spectrum has a weight of 1.
    n_resamples : int
        Number of bootstrap samples.

    Returns
    -------
    dict of str to float
        ``n_spectra``, ``n_peptides``; each of `CLUSTERED` with its 95 % interval in ``*_low`` and
        ``*_high``; ``standard_error`` of the peptide recall.

    Notes
    -----
    Intervals of residues: bootstrap over peptides, each drawn with all its spectra; NaN for fewer
    than ten peptides. Intervals of peptides and standard error of their recall: Wilson and
    binomial, with the `effective_number` of spectra instead of their number. This assumes that the
    spectra of one peptide are always right or wrong together, which makes intervals wider.
    """
    sums = _sums(rows, clusters, is_averaged)
    drawn = resampled_sums(sums, n_resamples)
    figures: dict[str, float | int] = {"n_spectra": len(rows), "n_peptides": len(sums)}
    for name, (_, whole) in CLUSTERED.items():
        value = float(_ratio(sums.sum(axis=0)[None], name)[0])
        low, high = np.quantile(_ratio(drawn, name), [0.025, 0.975]).tolist()
        if name.startswith("peptide"):
            n_effective = effective_number(sums[:, COUNTS.index(whole)])
            low, high = wilson_interval(min(value, 1.0) * n_effective, n_effective)
        elif len(sums) < _MIN_RESAMPLED:
            low = high = math.nan
        figures |= {name: value, f"{name}_low": low, f"{name}_high": high}
    recall, n_effective = figures["peptide_recall"], effective_number(sums[:, -1])
    return figures | {"standard_error": math.sqrt(max(recall * (1 - recall), 0.0) / n_effective)}


def paired_difference(
    rows: pd.DataFrame,
    reference: pd.DataFrame,
    clusters: Sequence[str],
    is_averaged: bool = False,
    n_resamples: int = 1000,
) -> dict[str, float | int]:
    """Compute the difference between two sets of predictions for the same spectra.

    Parameters
    ----------
    rows, reference : DataFrame
        Rows of `score_peptides` for the same spectra in the same order.
    clusters, is_averaged, n_resamples
        See `clustered_figures`.

    Returns
    -------
    dict of str to float
        ``n_spectra``, ``n_peptides``; for each of `CLUSTERED` the difference, its standard error in
        ``*_standard_error``, and its 95 % interval in ``*_low`` and ``*_high``.

    Raises
    ------
    ValueError
        If the two tables do not have one row for every spectrum.

    Notes
    -----
    Each resample draws the same peptides for both, so that the difficulty of spectra cancels.
    Standard error and interval are those of the differences of all resamples; NaN for fewer than
    ten peptides. Where every spectrum is as right in one as in the other, all resamples differ by
    0: the interval of the peptides then goes as far as changed spectra can be excluded, by the
    Wilson interval of 0 of the `effective_number`.
    """
    if not len(rows) == len(reference) == len(clusters):
        raise ValueError(
            f"expected a row of each reading for every spectrum, got {len(rows)} and "
            f"{len(reference)} for {len(clusters)} spectra"
        )
    both = [_sums(table, clusters, is_averaged) for table in (rows, reference)]
    drawn = resampled_sums(np.concatenate(both, axis=1), n_resamples)
    found: dict[str, float | int] = {"n_spectra": len(rows), "n_peptides": len(both[0])}
    compared = ["is_right", "has_answer"]
    is_same = (rows[compared].to_numpy() == reference[compared].to_numpy()).all()
    unseen = wilson_interval(0, effective_number(both[0][:, -1]))[1]
    for name in CLUSTERED:
        value, other = (float(_ratio(sums.sum(axis=0)[None], name)[0]) for sums in both)
        own, others = np.split(drawn, 2, axis=1)
        differences = _ratio(own, name) - _ratio(others, name)
        low, high = np.quantile(differences, [0.025, 0.975]).tolist()
        error = float(differences.std())
        if len(both[0]) < _MIN_RESAMPLED:
            low = high = error = math.nan
        elif name.startswith("peptide") and is_same:
            low, high = -unseen, unseen
        found |= {name: value - other, f"{name}_low": low, f"{name}_high": high}
        found[f"{name}_standard_error"] = error
    return found


def _sums(
    rows: pd.DataFrame, clusters: Sequence[str], is_averaged: bool
) -> Float64[ndarray, "cluster column"]:
    """Sum or average the rows of each cluster."""
    table = rows.assign(n=1)[list(COUNTS)].astype(np.float64)
    groups = table.groupby(np.asarray(clusters, dtype=np.str_))
    return (groups.mean() if is_averaged else groups.sum()).to_numpy()


def _ratio(sums: Float64[ndarray, "draw column"], name: str) -> Float64[ndarray, " draw"]:
    part, whole = (sums[:, COUNTS.index(column)] for column in CLUSTERED[name])
    return np.divide(part, whole, out=np.zeros(len(sums)), where=whole > 0)
