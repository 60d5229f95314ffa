"""Figures with intervals that take the spectra of one peptide together."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from denovo.metrics.intervals import effective_number, resampled_sums, wilson_interval
from denovo.typing import Float64, ndarray

CLUSTERED = {
    "aa_precision": ("n_matched", "n_predicted"),
    "aa_recall": ("n_matched", "n_true"),
    "peptide_precision": ("is_right", "has_answer"),
    "peptide_recall": ("is_right", "n"),
}
"""Each figure as a ratio of sums over rows of `score_peptides`; ``n`` counts the rows."""
_COLUMNS = ("n_matched", "n_predicted", "n_true", "is_right", "has_answer", "n")
_MIN_RESAMPLED = 10
"""Peptides that a bootstrap needs for its interval to mean anything."""


def clustered_figures(
    rows: pd.DataFrame,
    clusters: Sequence[str],
    is_averaged: bool = False,
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, float | int]:
    """Compute the figures of spectra, with intervals that do not take them for independent.

    Parameters
    ----------
    rows : DataFrame
        Rows of `score_peptides`, one at least.
    clusters : sequence [row] of str
        What the peptide of each row is known by; rows of one peptide are right or wrong together.
    is_averaged : bool
        Whether each peptide counts once, its spectra with equal weights that add up to 1; otherwise
        each spectrum counts once.
    n_resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to float
        ``n_spectra``, ``n_peptides``; each of `CLUSTERED` with its 95 % interval in ``*_low`` and
        ``*_high``; ``standard_error``, that of the peptide recall.

    Notes
    -----
    Intervals of residues: bootstrap over peptides, each drawn with all its spectra; NaN for less
    than ten peptides. Intervals of peptides and standard error of their recall: after Wilson and
    binomial, with the `effective_number` of spectra in place of their number: as if those of one
    peptide were always right or wrong together, which errs on the side of caution.
    """
    sums = _sums(rows, clusters, is_averaged)
    drawn = resampled_sums(sums, n_resamples, seed)
    figures: dict[str, float | int] = {"n_spectra": len(rows), "n_peptides": len(sums)}
    for name, (_, whole) in CLUSTERED.items():
        value = float(_ratio(sums.sum(axis=0)[None], name)[0])
        low, high = np.quantile(_ratio(drawn, name), [0.025, 0.975]).tolist()
        if name.startswith("peptide"):
            n_effective = effective_number(sums[:, _COLUMNS.index(whole)])
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
    seed: int = 0,
) -> dict[str, float | int]:
    """Compute by how much one reading of some spectra is better than another reading of them.

    Parameters
    ----------
    rows, reference : DataFrame
        Rows of `score_peptides` for the same spectra in the same order.
    clusters, is_averaged, n_resamples, seed
        See `clustered_figures`.

    Returns
    -------
    dict of str to float
        ``n_spectra``, ``n_peptides``; for each of `CLUSTERED` the difference, its standard error in
        ``*_standard_error``, and the ends of its 95 % interval in ``*_low`` and ``*_high``.

    Raises
    ------
    ValueError
        If there is not a row of each for every spectrum.

    Notes
    -----
    Peptides are drawn anew for both readings together, so that what makes a spectrum hard for both
    cancels. Standard error and interval are those of the differences of all draws.
    """
    if not len(rows) == len(reference) == len(clusters):
        raise ValueError(
            f"expected a row of each reading for every spectrum, got {len(rows)} and "
            f"{len(reference)} for {len(clusters)} spectra"
        )
    both = [_sums(table, clusters, is_averaged) for table in (rows, reference)]
    drawn = resampled_sums(np.concatenate(both, axis=1), n_resamples, seed)
    found: dict[str, float | int] = {"n_spectra": len(rows), "n_peptides": len(both[0])}
    for name in CLUSTERED:
        value, other = (float(_ratio(sums.sum(axis=0)[None], name)[0]) for sums in both)
        own, others = np.split(drawn, 2, axis=1)
        differences = _ratio(own, name) - _ratio(others, name)
        low, high = np.quantile(differences, [0.025, 0.975]).tolist()
        found |= {name: value - other, f"{name}_low": low, f"{name}_high": high}
        found[f"{name}_standard_error"] = float(differences.std())
    return found


def _sums(
    rows: pd.DataFrame, clusters: Sequence[str], is_averaged: bool
) -> Float64[ndarray, "cluster column"]:
    """Add up, or average, the rows of each cluster."""
    table = rows.assign(n=1)[list(_COLUMNS)].astype(np.float64)
    groups = table.groupby(np.asarray(clusters, dtype=np.str_))
    return (groups.mean() if is_averaged else groups.sum()).to_numpy()


def _ratio(sums: Float64[ndarray, "draw column"], name: str) -> Float64[ndarray, " draw"]:
    part, whole = (sums[:, _COLUMNS.index(column)] for column in CLUSTERED[name])
    return np.divide(part, whole, out=np.zeros(len(sums)), where=whole > 0)
