"""Figures of a scored set: shares with intervals, curves, calibration, and groups of spectra."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import torch

from denovo.evaluation.sets import SetKind
from denovo.io.plain_json import without_nan
from denovo.metrics import (
    PrecisionCoverage,
    Reliability,
    brier_score,
    clustered_figures,
    clustered_interval,
    precision_coverage,
    q_values,
    reliability,
)
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.metrics.precursor import PpmErrorMetrics
from denovo.typing import Bool, Float64, ndarray

COVERAGES = (25, 50, 75, 90)
PRECISIONS = (90, 95)
GROUPINGS = {
    "length": "length",
    "charge": "precursor charge",
    "modification": "modification",
    "site_coverage": "site coverage",
    "max_missing_sites": "missing sites in a row",
}
"""Ways of grouping spectra, and their headings."""
LENGTHS = {"up to 8": 0, "9 - 11": 9, "12 - 14": 12, "15 - 17": 15, "18 and more": 18}
"""Groups of peptides by residues, and the smallest length of each."""
_SITE_COVERAGES = {
    **{"0 - 0.5": 0.0, "0.5 - 0.6": 0.5, "0.6 - 0.7": 0.6, "0.7 - 0.8": 0.7},
    **{"0.8 - 0.9": 0.8, "0.9 - 1": 0.9, "1": 1.0},
}
_MISSING_SITES = {"0": 0, "1": 1, "2": 2, "3": 3, "4+": 4}
"""Groups by number, and the smallest value of each, as `LENGTHS`."""
_MODIFIED = re.compile(r"[A-Z]\[[^\]]+\]|\[[^\]]+\]-")

Rows = pd.DataFrame


@dataclass(frozen=True)
class ScoredSet:
    """Answers to the spectra of one set, or of all sets of one kind.

    Parameters
    ----------
    name : str
        Name of the set.
    kind : SetKind
        Origin of its spectra.
    rows : DataFrame
        Rows of `score_answers`, at least one.
    seconds, cpu_seconds : float
        Wall time, and CPU time of all threads, for reading, sequencing and scoring.
    is_pooled : bool
        Whether it contains all sets of its kind.
    """

    name: str
    kind: SetKind
    rows: Rows
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    is_pooled: bool = False

    @property
    def is_calibrated(self) -> bool:
        """Whether the answers have probabilities, each of them."""
        is_known = self.rows["probability"].notna()
        return bool(is_known.any() and is_known[self.rows["has_answer"].astype(bool)].all())

    @property
    def answers(self) -> Rows:
        """The rows with an answer."""
        return pd.DataFrame(self.rows[self.rows["has_answer"].astype(bool)])

    @cached_property
    def figures(self) -> dict[str, Any]:
        """All figures that ``docs/reference/evaluation.md`` describes; None if undefined."""
        rows = self.rows
        status = rows["status"]
        return without_nan(
            {
                **shares_of(rows),
                "n_answers": int(rows["has_answer"].sum()),
                "n_infeasible": int((status == "infeasible").sum()),
                "n_cut_off": int((status == "cut_off").sum()),
                "n_outside_tolerance": int((~rows["within_tolerance"].astype(bool)).sum()),
                "by_peptide": clustered_figures(rows, rows["identity"].tolist(), is_averaged=True),
                **self._ranking(),
                "in_fasta": in_fasta_of(rows) if "in_fasta" in rows else None,
                **_ppm_errors(rows),
                **self._calibration(),
                "seconds": self.seconds,
                "cpu_seconds": self.cpu_seconds,
                "spectra_per_second": len(rows) / self.seconds if self.seconds else None,
                **{f"by_{name}": found for name, found in breakdown_of(rows).items()},
            }
        )

    def as_dict(self) -> dict[str, Any]:
        """Return name, kind and all figures."""
        return {"name": self.name, "kind": self.kind.value, **self.figures}

    def peptide_curve(self, score: str | None = None) -> PrecisionCoverage:
        """Rank the answers by a column, by default the probability or else the raw score."""
        answers = self.answers
        score = score or ("probability" if self.is_calibrated else "log_probability")
        return precision_coverage(
            answers[score].to_numpy(dtype=np.float64),
            answers["is_right"].to_numpy(dtype=np.bool_),
            n_possible=len(self.rows),
        )

    def residue_curve(self) -> PrecisionCoverage:
        """Rank the residues of all answers by their probability."""
        scores, is_right = (
            np.array(list(chain.from_iterable(self.answers[column])), dtype=dtype)
            for column, dtype in (("residue_scores", np.float64), ("residues_right", np.bool_))
        )
        return precision_coverage(scores, is_right, n_true=int(self.rows["length"].sum()))

    def reliability(self, binning: Any = "width") -> Reliability:
        """Return the reliability of the answers' probabilities."""
        answers = self.answers
        clusters = answers["identity"].tolist()
        return reliability(*_outcomes(answers), binning=binning, clusters=clusters)

    @property
    def probability(self) -> Float64[ndarray, " answer"]:
        """Probabilities of the answers."""
        return _outcomes(self.answers)[0]

    def _ranking(self) -> dict[str, float | None]:
        peptides, residues = self.peptide_curve(), self.residue_curve()
        return {
            "peptide_precision_coverage_area": peptides.average_precision,
            "peptide_precision_recall_area": peptides.area_over_recall,
            **{
                f"peptide_coverage_at_precision_{percent}": peptides.coverage_at(percent / 100)
                for percent in PRECISIONS
            },
            **{
                f"peptide_precision_at_coverage_{percent}": _precision_at(peptides, percent / 100)
                for percent in COVERAGES
            },
            "residue_precision_coverage_area": residues.average_precision,
            "residue_precision_recall_area": residues.area_over_recall,
        }

    def _calibration(self) -> dict[str, Any]:
        names = [f"expected_calibration_error_equal_{binning}" for binning in ("width", "mass")]
        if not self.is_calibrated:
            return dict.fromkeys([*names, "brier_score"]) | {
                "false_discovery": [],
                "reliability": [],
            }
        found = {binning: self.reliability(binning) for binning in ("width", "mass")}
        errors = [each.expected_error for each in found.values()]
        bins = pd.DataFrame(found["width"].state()).drop(columns="binning")
        answers = self.answers
        q_value = q_values(self.probability)
        return {
            **dict(zip(names, errors, strict=True)),
            "brier_score": brier_score(*_outcomes(answers)),
            "false_discovery": [
                _false_discovery(pd.DataFrame(answers[q_value <= level]), level)
                for level in FDR_LEVELS
            ],
            "reliability": bins.to_dict("records"),
        }


def shares_of(rows: Rows) -> dict[str, Any]:
    """Return `clustered_figures`, and ``listed``, the share of truths among the candidates."""
    has_lists = len(rows) > 0 and int(rows["n_candidates"].max()) > 1
    listed = float(rows["is_listed"].mean()) if has_lists else None
    return {**clustered_figures(rows, rows["identity"].tolist()), "listed": listed}


def in_fasta_of(rows: Rows) -> dict[str, float | int]:
    """Return the numbers of answers and wrong answers that were looked up, and the shares found."""
    answers = rows[rows["in_fasta"].notna()]
    wrong = answers[~answers["is_right"].astype(bool)]
    parts = {"answers": answers["in_fasta"], "wrong_answers": wrong["in_fasta"]}
    return {
        **{f"n_{name}": len(found) for name, found in parts.items()},
        **{name: float(found.mean()) if len(found) else np.nan for name, found in parts.items()},
    }


def breakdown_of(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """Return for each way of grouping the name and `shares_of` of all groups with spectra."""
    labels = {
        "length": binned(rows, "length", LENGTHS),
        "charge": rows["precursor_charge"],
        "modification": _modifications(pd.Series(rows["annotation"])),
        "site_coverage": binned(rows, "site_coverage", _SITE_COVERAGES),
        "max_missing_sites": binned(rows, "max_missing_sites", _MISSING_SITES),
    }
    return {
        name: [
            {"group": str(group), **shares_of(pd.DataFrame(rows.loc[members]))}
            for group, members in each.groupby(each, observed=True).groups.items()
        ]
        for name, each in labels.items()
    }


def binned(rows: Rows, column: str, groups: Mapping[str, float | int]) -> pd.Series:
    """Return the group of each row by a column, given the smallest value of each group."""
    bounds, values = [*groups.values(), np.inf], pd.Series(rows[column])
    return pd.Series(pd.cut(values, bounds, right=False, labels=list(groups)))


def _modifications(peptides: pd.Series) -> pd.Series:
    """List the modified residues and termini of each peptide, ``"none"`` first, with its index.

    Peptides are in ProForma as annotated, not in canonical tokens, in which deamidated N is D.
    """
    found = peptides.map(lambda peptide: list(set(_MODIFIED.findall(peptide))) or ["none"])
    names = found.explode()
    order = ["none", *sorted(set(names) - {"none"})]
    return pd.Series(pd.Categorical(names, order), names.index)


def _precision_at(curve: PrecisionCoverage, coverage: float) -> float | None:
    place = int(np.searchsorted(curve.coverage, coverage - 1e-12))
    return float(curve.precision[place]) if place < len(curve.precision) else None


def _ppm_errors(rows: Rows) -> dict[str, float]:
    metric = PpmErrorMetrics()
    metric.update(torch.from_numpy(rows["ppm_error"].to_numpy(dtype=np.float64)))
    return {name: float(value) for name, value in metric.compute().items()}


def _false_discovery(accepted: Rows, level: float) -> dict[str, float | None]:
    """Count the wrong answers among accepted ones."""
    probability, is_right = _outcomes(accepted)
    low, high = clustered_interval(~is_right, accepted["identity"].tolist())
    is_any = len(accepted) > 0
    return {
        "level": level,
        "n_accepted": len(accepted),
        "estimated": float(1 - probability.mean()) if is_any else None,
        "true": float((~is_right).mean()) if is_any else None,
        "true_low": low,
        "true_high": high,
    }


def _outcomes(answers: Rows) -> tuple[Float64[ndarray, " answer"], Bool[ndarray, " answer"]]:
    probability = answers["probability"].to_numpy(dtype=np.float64)
    return probability, answers["is_right"].to_numpy(dtype=np.bool_)
