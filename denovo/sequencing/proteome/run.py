"""Last step of a run with a proteome: the share of novel peptides, and error rates."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import pdtrc

from denovo.metrics import q_values
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.sequencing.proteome.sources import (
    FITTED,
    KNOWN,
    NOVEL,
    decoy_probability,
    estimate_share,
    resolved,
)
from denovo.spectra.prediction import Prediction
from denovo.typing import Float64, ndarray

_UNLIKELY = 0.01
"""Probability of as many decoys below which the two estimates of the error rate disagree."""


class LevelCount(NamedTuple):
    """Answers at a false discovery rate, and decoys at least as probable as the last of them."""

    level: float
    n_known: int
    n_decoys: int
    n_expected: float
    n_novel: int


@dataclass(frozen=True)
class SourceRun:
    """All answers of a run with a proteome.

    Parameters
    ----------
    novel_share : float
        Share of spectra whose peptide is not in the proteome.
    is_estimated : bool
        Whether the share was estimated from the run.
    source : array [spectrum] of str
        Source of each answer, empty without one.
    probability, decoy : array [spectrum], float64
        Probability of each answer, and of the best decoy where it would have been the answer.
    """

    novel_share: float
    is_estimated: bool
    source: ndarray
    probability: Float64[ndarray, " spectrum"]
    decoy: Float64[ndarray, " spectrum"]

    def choose(self, prediction: Prediction) -> Prediction:
        """Choose between the rivals of a prediction."""
        return resolved(prediction, self.novel_share, FITTED.novel_share)

    @cached_property
    def q_values(self) -> Float64[ndarray, " spectrum"]:
        """False discovery rates, among the answers of the same source; NaN without an answer."""
        found = np.full(len(self.source), np.nan)
        for source in (KNOWN, NOVEL):
            chosen = self.source == source
            if chosen.any():
                found[chosen] = q_values(self.probability[chosen])
        return found

    @property
    def levels(self) -> list[LevelCount]:
        """Counts at each false discovery rate."""
        found = []
        for level in FDR_LEVELS:
            is_taken = np.nan_to_num(self.q_values, nan=2.0) <= level
            known = is_taken & (self.source == KNOWN)
            least = self.probability[known].min(initial=1.0)
            n_decoys = int((self.decoy >= least).sum()) if known.any() else 0
            expected = float((1 - self.probability[known]).sum())
            n_novel = int((is_taken & (self.source == NOVEL)).sum())
            found.append(LevelCount(level, int(known.sum()), n_decoys, expected, n_novel))
        return found

    @property
    def lines(self) -> list[str]:
        """Sentences that state shares, answers and decoys, and a warning where they disagree."""
        origin = "estimated from the run" if self.is_estimated else "as given"
        lines = [f"spectra of peptides outside the proteome: {self.novel_share:.0%}, {origin}"]
        for level, n_known, n_decoys, n_expected, n_novel in self.levels:
            lines.append(
                f"at {level:.0%}: {n_known:,} answers in the proteome ({n_expected:.1f} expected "
                f"wrong; {n_decoys:,} decoys as probable), {n_novel:,} novel answers"
            )
            # The probability of as many decoys as these or more, by a Poisson distribution.
            if n_decoys and pdtrc(n_decoys - 1, max(n_expected, 0.5)) < _UNLIKELY:
                lines.append(
                    f"warning: by decoys, {n_decoys / n_known:.1%} of the answers in the proteome "
                    f"at {level:.0%} are wrong; check that the FASTA files fit the sample"
                )
        return lines


def settle(predictions: Iterable[Prediction], novel_share: float | None) -> SourceRun:
    """Estimate the share of novel peptides of a run, unless it is given, and choose all answers.

    Parameters
    ----------
    predictions : iterable of Prediction
        All predictions, with their rivals; iterated twice.
    novel_share : float or None
        Share of spectra whose peptide is not in the proteome.
    """
    share = novel_share
    if share is None:
        ratio = [
            each.rivals.all_known - each.rivals.all_novel for each in predictions if each.rivals
        ]
        share = estimate_share(np.array(ratio, dtype=np.float64), FITTED.novel_share)
    source, probability, decoy = [], [], []
    for each in predictions:
        chosen = resolved(each, share, FITTED.novel_share)
        source.append(chosen.source)
        probability.append(chosen.probability or 0.0)
        known = chosen.rivals and decoy_probability(chosen.rivals, share, FITTED.novel_share)
        decoy.append(known or 0.0)
    return SourceRun(
        share,
        novel_share is None,
        np.array(source, dtype=np.str_),
        np.array(probability, dtype=np.float64),
        np.array(decoy, dtype=np.float64),
    )
