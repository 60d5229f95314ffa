"""Read sets of spectra with one sequencer and count what is right, set by set and pooled."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from denovo.metrics import PrecisionCoverage, clustered_figures
from denovo.sequencing import SpectrumSequencer
from denovo.sim2real.answers import answers_to
from denovo.sim2real.breakdown import breakdown_of, figures_of
from denovo.sim2real.ranking import curve_of, ranking_figures
from denovo.sim2real.sets import Kind, SpectrumSet

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
