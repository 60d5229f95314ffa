"""Read sets of measured spectra and count what is right, set by set and over all of them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from denovo.data import SpectrumSource
from denovo.decoding import Decoded
from denovo.metrics import PeptideMetrics
from denovo.sim2real.answers import answers_to
from denovo.spectra import Spectra

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
    """

    name: str
    n_spectra: int
    aa_precision: float
    aa_recall: float
    peptide_recall: float

    @property
    def standard_error(self) -> float:
        """Binomial standard error of the peptide recall; spectra are taken for independent."""
        return math.sqrt(self.peptide_recall * (1 - self.peptide_recall) / max(self.n_spectra, 1))

    def as_dict(self) -> dict[str, Any]:
        """Return all figures by name."""
        return {**vars(self), "standard_error": self.standard_error}


def score_sets(
    sequencer: nn.Module,
    sets: Mapping[str, SpectrumSource],
    decoder: Callable[[Any, Spectra], Decoded],
    n_peaks: int,
) -> tuple[list[SetScore], dict[str, list[dict[str, Any]]]]:
    """Decode every set with one sequencer.

    Parameters
    ----------
    sequencer : Module
        A `Sequencer` in evaluation mode.
    sets : mapping of str to SpectrumSource
        Measured spectra with peptides, by the name of their set.
    decoder : callable
        Maps sequencer and spectra to `Decoded`.
    n_peaks : int
        Most intense peaks shown of each spectrum, as in training.

    Returns
    -------
    scores : list of SetScore
        One for each set, then `POOLED`, in which every spectrum counts once.
    rows : dict of str to list of dict
        For each set what `answers_to` says of its spectra.
    """
    answers = {
        name: answers_to(sequencer, source, decoder, n_peaks) for name, source in sets.items()
    }
    scores = [_score(name, answers[name], source) for name, source in sets.items()]
    if sets:
        pooled = [row for rows in answers.values() for row in rows]
        scores.append(_score(POOLED, pooled, next(iter(sets.values()))))
    return scores, answers


def _score(name: str, rows: list[dict[str, Any]], source: SpectrumSource) -> SetScore:
    vocabulary = source.vocabulary
    metrics = PeptideMetrics(vocabulary)
    guesses = [vocabulary.encode(row["prediction"]) if row["prediction"] else [] for row in rows]
    metrics.update(guesses, [vocabulary.encode(row["peptide"]) for row in rows])
    figures = {key: float(value) for key, value in metrics.compute().items()}
    return SetScore(
        name, len(rows), figures["aa_precision"], figures["aa_recall"], figures["peptide_recall"]
    )
