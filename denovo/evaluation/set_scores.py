"""Read sets of spectra with one sequencer and count what is right, set by set and pooled."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from denovo.evaluation.answers import answers_to
from denovo.evaluation.set_groups import breakdown_of, figures_of
from denovo.evaluation.sets import Kind, SpectrumSet
from denovo.metrics import PrecisionCoverage, clustered_figures, precision_coverage
from denovo.sequencing import SpectrumSequencer

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


POOLED = "all"
"""Name of the score over all measured sets."""


@dataclass(frozen=True)
class SetScore:
    """How well one set was read.

    Parameters
    ----------
    name : str
        What the set is called.
    kind : Kind
        What its spectra are.
    rows : DataFrame
        What `answers_to` says of them.
    cpu_seconds : float
        CPU time that reading took, all threads together.
    is_pooled : bool
        Whether it is over all sets of its kind.
    """

    name: str
    kind: Kind
    rows: pd.DataFrame
    cpu_seconds: float
    is_pooled: bool = False

    @cached_property
    def figures(self) -> dict[str, Any]:
        """Each spectrum counts once: see `clustered_figures`, and ``listed``."""
        return figures_of(self.rows)

    @cached_property
    def by_peptide(self) -> dict[str, float | int]:
        """Each distinct peptide counts once, its spectra with equal weights that add up to 1.

        Distinct are peptides that differ in their bare sequence, I = L: forms of other modification
        or charge are the same peptide.
        """
        return clustered_figures(self.rows, self.rows["identity"].tolist(), is_averaged=True)

    @cached_property
    def breakdown(self) -> dict[str, list[dict[str, Any]]]:
        """See `breakdown_of`."""
        return breakdown_of(self.rows)

    @cached_property
    def curve(self) -> PrecisionCoverage:
        """Precision over coverage."""
        return curve_of(self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return all figures by name; `DataFrame` rows apart."""
        found = {
            "name": self.name,
            "kind": self.kind.value,
            **self.figures,
            "cpu_seconds": self.cpu_seconds,
            "by_peptide": self.by_peptide,
        }
        if self.kind is Kind.CONTROL:
            return found
        ranking = ranking_figures(self.curve)
        return found | {"precision_coverage": ranking, "breakdown": self.breakdown}


def score_sets(
    pipeline: SpectrumSequencer,
    sets: Sequence[SpectrumSet],
    on_spectra: Callable[[int], object] = lambda n_read: None,
) -> list[SetScore]:
    """Read every set with one pipeline.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Networks, decoder, rescoring; or whatever else answers to spectra.
    sets : sequence of SpectrumSet
        Spectra with peptides.
    on_spectra : callable
        Told after each batch how many spectra were in it.

    Returns
    -------
    list of SetScore
        One for each set; after the measured ones, and after their controls, `POOLED` over them.
    """
    scores: list[SetScore] = []
    for kind in Kind:
        of_kind = []
        for each in sets:
            if each.kind is kind:
                start = time.process_time()
                rows = answers_to(pipeline, each, on_spectra)
                of_kind.append(SetScore(each.name, kind, rows, time.process_time() - start))
        scores += of_kind
        if of_kind and kind is not Kind.SIMULATED:
            rows = pd.concat([score.rows for score in of_kind], ignore_index=True)
            seconds = sum(score.cpu_seconds for score in of_kind)
            scores.append(SetScore(POOLED, kind, rows, seconds, is_pooled=True))
    return scores
