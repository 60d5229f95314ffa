"""Error rates of answers from two sources: a proteome, and everything else."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import pdtrc

from denovo.metrics.false_discovery import FDR_LEVELS, q_values
from denovo.spectra.prediction import KNOWN, NOVEL
from denovo.typing import Bool, Float64, Int, ndarray

_UNLIKELY = 0.01
"""Probability of as many decoys below which the two estimates of the error rate disagree."""


class LevelCount(NamedTuple):
    """Answers at a false discovery rate, and decoys at least as probable as the last of them.

    ``n_variants`` of the ``n_novel`` differ little from a peptide of the proteome.
    """

    level: float
    n_known: int
    n_decoys: int
    n_expected: float
    n_novel: int
    n_variants: int


class ErrorEstimates(NamedTuple):
    """Two estimates of the share of wrong answers among the most probable of the proteome.

    Parameters
    ----------
    n_answers : array [place], int64
        Number of answers, ascending.
    by_probability, by_decoys : array [place], float64
        Mean of one minus their probability; decoys at least as probable, for each answer.
    """

    n_answers: Int[ndarray, " place"]
    by_probability: Float64[ndarray, " place"]
    by_decoys: Float64[ndarray, " place"]


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
    is_variant : array [spectrum], bool
        Whether the answer is a variant of a peptide of the proteome.
    """

    novel_share: float
    is_estimated: bool
    source: ndarray
    probability: Float64[ndarray, " spectrum"]
    decoy: Float64[ndarray, " spectrum"]
    is_variant: Bool[ndarray, " spectrum"]

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
            novel = is_taken & (self.source == NOVEL)
            counts = int(novel.sum()), int((novel & self.is_variant).sum())
            found.append(LevelCount(level, int(known.sum()), n_decoys, expected, *counts))
        return found

    @property
    def error_estimates(self) -> ErrorEstimates:
        """Both estimates of the error rate of the answers in the proteome."""
        probability = np.sort(self.probability[self.source == KNOWN])[::-1]
        number = np.arange(1, len(probability) + 1)
        decoys = np.sort(self.decoy[self.decoy > 0])
        n_decoys = len(decoys) - np.searchsorted(decoys, probability)
        return ErrorEstimates(number, np.cumsum(1 - probability) / number, n_decoys / number)

    @property
    def lines(self) -> list[str]:
        """Sentences that state shares, answers and decoys, and a warning where they disagree."""
        origin = "estimated from the run" if self.is_estimated else "as given"
        lines = [f"spectra of peptides outside the proteome: {self.novel_share:.0%}, {origin}"]
        for level, n_known, n_decoys, n_expected, n_novel, n_variants in self.levels:
            lines.append(
                f"at {level:.0%}: {n_known:,} answers in the proteome ({n_expected:.1f} expected "
                f"wrong; {n_decoys:,} decoys as probable), {n_novel:,} novel answers, "
                f"{n_variants:,} of them variants of the proteome"
            )
            # The probability of as many decoys as these or more, by a Poisson distribution.
            if n_decoys and pdtrc(n_decoys - 1, max(n_expected, 0.5)) < _UNLIKELY:
                lines.append(
                    f"warning: by decoys, {n_decoys / n_known:.1%} of the answers in the proteome "
                    f"at {level:.0%} are wrong; check that the FASTA files fit the sample"
                )
        return lines
