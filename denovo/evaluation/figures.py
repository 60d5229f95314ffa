"""From answers beside the truth to the figures of a file."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from denovo.evaluation.answers import Evaluation
from denovo.io.plain_json import without_nan
from denovo.metrics import (
    SHARE_BOUNDS,
    PpmErrorMetrics,
    PrecisionCoverage,
    Reliability,
    breakdown,
    brier_score,
    by_count,
    by_modification,
    by_range,
    by_value,
    peptide_precision,
    precision_coverage,
    reliability,
    wilson_interval,
)
from denovo.typing import Bool, Float64, ndarray

FDR_LEVELS = (0.01, 0.05, 0.1)
"""Estimated shares of wrong answers at which the true ones are counted."""
_MOST_SILENT = 4
"""Longest silent run that is told apart; longer ones are counted with it."""
_FEWEST_RESAMPLED = 10
"""Spectra that a bootstrap needs for its interval to mean anything."""
_RESAMPLED = [f"{name}_{end}" for name in ("aa_precision", "aa_recall") for end in ("low", "high")]

Rows = pd.DataFrame


def figures_of(evaluation: Evaluation, n_resamples: int = 1000) -> dict[str, Any]:
    """Compute all figures.

    Parameters
    ----------
    evaluation : Evaluation
        Answers beside the truth.
    n_resamples : int
        Of the bootstrap behind the intervals of residues; see `denovo.metrics.ratio_interval`.

    Returns
    -------
    dict
        Plain numbers, lists and dicts, as ``docs/evaluation.md`` describes them; None for what is
        not defined, such as a calibration error without probabilities.
    """
    rows = evaluation.rows
    everything = {"all": np.ones(len(rows), dtype=np.bool_)}
    overall = breakdown(rows, everything, n_resamples).to_dict("records")[0]
    figures: dict[str, Any] = {
        "n_entries": evaluation.census.n_entries,
        **evaluation.census.parts(),
        **_outcomes(rows),
        **{str(name): value for name, value in overall.items() if name not in ("group", "n")},
        **_peptide_precision(rows),
        **_areas(evaluation),
        **_ppm_errors(rows),
        **_calibration(evaluation),
        "seconds": evaluation.seconds,
        "spectra_per_second": len(rows) / evaluation.seconds,
    }
    for name, table in breakdowns_of(rows, n_resamples).items():
        table = table.rename(columns={"group": name, "n": "n_spectra"})
        figures[f"by_{name}"] = [_numbered(row, name) for row in table.to_dict("records")]
    return without_nan(figures)


def breakdowns_of(rows: Rows, n_resamples: int = 1000) -> dict[str, pd.DataFrame]:
    """Compute the figures of every group of `groups_of`.

    Returns
    -------
    dict of str to DataFrame
        What `denovo.metrics.breakdown` says for each way of grouping; the intervals of residues
        are NaN for groups that are too small to be drawn from.
    """
    tables = {
        name: breakdown(rows, groups, n_resamples) for name, groups in groups_of(rows).items()
    }
    for table in tables.values():
        table.loc[table["n"] < _FEWEST_RESAMPLED, _RESAMPLED] = math.nan
    return tables


def groups_of(rows: Rows) -> dict[str, dict[str, Bool[ndarray, " spectrum"]]]:
    """Sort spectra into groups in every way that is reported.

    Returns
    -------
    dict of str to dict of str to array [spectrum], bool
        Ways of grouping, and the groups of each; by file only if there are several.
    """
    groups = {
        "file": by_value(rows["file"].to_numpy(dtype=np.str_)),
        "length": by_value(rows["length"].to_numpy()),
        "charge": by_value(rows["precursor_charge"].to_numpy()),
        "modification": by_modification(rows["annotation"].tolist()),
        "share_of_fragments": by_range(rows["share_of_fragments"].to_numpy(), SHARE_BOUNDS),
        "silent_run": by_count(rows["silent_run"].to_numpy(), _MOST_SILENT),
    }
    return groups if len(groups["file"]) > 1 else {k: v for k, v in groups.items() if k != "file"}


def peptide_curves(evaluation: Evaluation) -> dict[str, PrecisionCoverage]:
    """Rank the peptides by the calibrated probability, if there is one, and by the raw score."""
    answers = evaluation.answers
    is_right = answers["is_right"].to_numpy(dtype=np.bool_)
    names = ["probability"] if evaluation.is_calibrated else []
    return {
        name.replace("_", "-"): precision_coverage(
            answers[name].to_numpy(dtype=np.float64), is_right, n_possible=len(evaluation.rows)
        )
        for name in (*names, "log_probability")
    }


def residue_curves(evaluation: Evaluation) -> dict[str, PrecisionCoverage]:
    """Rank the residues of all answers by their own probability."""
    scores = _joined(evaluation.answers["residue_scores"].tolist(), np.float64)
    is_right = _joined(evaluation.answers["residues_right"].tolist(), np.bool_)
    n_true = int(evaluation.rows["length"].sum())
    return {"residue probability": precision_coverage(scores, is_right, n_true=n_true)}


def reliability_of(evaluation: Evaluation) -> tuple[Reliability, Float64[ndarray, " answer"]]:
    """Return the reliability of the answers in bins of equal width, and their probabilities."""
    probability, is_right = _probabilities(evaluation)
    return reliability(probability, is_right), probability


def _outcomes(rows: Rows) -> dict[str, int]:
    status = rows["status"]
    return {
        "n_answers": int(rows["has_answer"].sum()),
        "n_infeasible": int((status == "infeasible").sum()),
        "n_cut_off": int((status == "cut_off").sum()),
        "n_outside_tolerance": int((~rows["within_tolerance"].astype(bool)).sum()),
    }


def _peptide_precision(rows: Rows) -> dict[str, float]:
    low, high = wilson_interval(int(rows["is_right"].sum()), int(rows["has_answer"].sum()))
    return {
        "peptide_precision": peptide_precision(rows),
        "peptide_precision_low": low,
        "peptide_precision_high": high,
    }


def _areas(evaluation: Evaluation) -> dict[str, float]:
    peptides = next(iter(peptide_curves(evaluation).values()))
    (residues,) = residue_curves(evaluation).values()
    return {
        "peptide_precision_coverage_area": peptides.average_precision,
        "peptide_precision_recall_area": peptides.area_over_recall,
        "peptide_coverage_at_precision_90": peptides.coverage_at(0.9),
        "residue_precision_coverage_area": residues.average_precision,
        "residue_precision_recall_area": residues.area_over_recall,
    }


def _ppm_errors(rows: Rows) -> dict[str, float]:
    metric = PpmErrorMetrics()
    metric.update(torch.from_numpy(rows["ppm_error"].to_numpy(dtype=np.float64)))
    return {name: float(value) for name, value in metric.compute().items()}


def _calibration(evaluation: Evaluation) -> dict[str, Any]:
    if not evaluation.is_calibrated:
        names = ("equal_width", "equal_mass")
        errors: dict[str, Any] = {f"expected_calibration_error_{name}": None for name in names}
        return errors | {"brier_score": None, "false_discovery": [], "reliability": []}
    probability, is_right = _probabilities(evaluation)
    by_width = reliability(probability, is_right)
    by_mass = reliability(probability, is_right, binning="mass")
    names = ("count", "promised", "kept", "low", "high")
    bins = {name: getattr(by_width, name).tolist() for name in names}
    return {
        "expected_calibration_error_equal_width": by_width.expected_error,
        "expected_calibration_error_equal_mass": by_mass.expected_error,
        "brier_score": brier_score(probability, is_right),
        "false_discovery": [_false_discovery(evaluation.answers, level) for level in FDR_LEVELS],
        "reliability": [
            dict(zip(bins, values, strict=True)) for values in zip(*bins.values(), strict=True)
        ],
    }


def _false_discovery(answers: Rows, level: float) -> dict[str, float]:
    """Accept what is estimated to hold at most this share of wrong answers, and count these."""
    accepted = pd.DataFrame(answers[answers["q_value"] <= level])
    n_wrong = int((~accepted["is_right"].astype(bool)).sum())
    low, high = wilson_interval(n_wrong, len(accepted))
    return {
        "level": level,
        "n_accepted": len(accepted),
        "estimated": float(1 - accepted["probability"].mean()),
        "true": n_wrong / len(accepted) if len(accepted) else math.nan,
        "true_low": low,
        "true_high": high,
    }


def _probabilities(
    evaluation: Evaluation,
) -> tuple[Float64[ndarray, " answer"], Bool[ndarray, " answer"]]:
    answers = evaluation.answers
    probability = answers["probability"].to_numpy(dtype=np.float64)
    return probability, answers["is_right"].to_numpy(dtype=np.bool_)


def _joined(rows: Sequence[Sequence[Any]], dtype: type) -> ndarray:
    return np.array([value for row in rows for value in row], dtype=dtype)


def _numbered(row: Mapping[Any, Any], name: str) -> dict[str, Any]:
    """Write groups that are whole numbers as such."""
    group = str(row[name])
    is_number = name in ("length", "charge")
    return {
        **{str(key): value for key, value in row.items()},
        name: int(group) if is_number else group,
    }
