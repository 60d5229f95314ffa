"""Read sets of measured spectra and count what is right, set by set and over all of them."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from denovo.chemistry import Vocabulary
from denovo.data import SpectrumSource
from denovo.metrics import PeptideMetrics
from denovo.sequencing import SpectrumSequencer
from denovo.sim2real.answers import answers_to

POOLED = "all"
"""Name of the score over all sets."""


@dataclass(frozen=True)
class SetScore:
    """How well one set was read.

    Parameters
    ----------
    name : str
        What the set is called.
    n_spectra : int
        Spectra in it.
    aa_precision, aa_recall, peptide_recall : float
        As `PeptideMetrics` defines them, I = L.
    cpu_seconds : float
        CPU time that reading took, all threads together.
    """

    name: str
    n_spectra: int
    aa_precision: float
    aa_recall: float
    peptide_recall: float
    cpu_seconds: float

    @property
    def standard_error(self) -> float:
        """Binomial standard error of the peptide recall; spectra are taken for independent."""
        return math.sqrt(self.peptide_recall * (1 - self.peptide_recall) / max(self.n_spectra, 1))

    def as_dict(self) -> dict[str, Any]:
        """Return all figures by name."""
        return {**vars(self), "standard_error": self.standard_error}


def score_sets(
    pipeline: SpectrumSequencer, sets: Mapping[str, SpectrumSource]
) -> tuple[list[SetScore], dict[str, list[dict[str, Any]]]]:
    """Read every set with one pipeline.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Networks, decoder, rescoring.
    sets : mapping of str to SpectrumSource
        Measured spectra with peptides, by the name of their set.

    Returns
    -------
    scores : list of SetScore
        One for each set, then `POOLED`, in which every spectrum counts once.
    rows : dict of str to list of dict
        For each set what `answers_to` says of its spectra.
    """
    answers, seconds = {}, {}
    for name, source in sets.items():
        start = time.process_time()
        answers[name] = answers_to(pipeline, source)
        seconds[name] = time.process_time() - start
    scores = [
        _score(name, answers[name], source.vocabulary, seconds[name])
        for name, source in sets.items()
    ]
    if sets:
        pooled = [row for rows in answers.values() for row in rows]
        scores.append(_score(POOLED, pooled, pipeline.vocabulary, sum(seconds.values())))
    return scores, answers


def _score(
    name: str, rows: list[dict[str, Any]], vocabulary: Vocabulary, cpu_seconds: float
) -> SetScore:
    metrics = PeptideMetrics(vocabulary)
    guesses = [vocabulary.encode(row["prediction"]) if row["prediction"] else [] for row in rows]
    metrics.update(guesses, [vocabulary.encode(row["peptide"]) for row in rows])
    figures = {key: float(value) for key, value in metrics.compute().items()}
    return SetScore(
        name,
        len(rows),
        figures["aa_precision"],
        figures["aa_recall"],
        figures["peptide_recall"],
        cpu_seconds,
    )
