"""Answers of a sequencing run compared with the peptides that its files state."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.chemistry.identity import identity
from denovo.errors import InputError
from denovo.evaluation.census import truth_of
from denovo.io.files import encodable
from denovo.metrics import (
    PrecisionCoverage,
    clustered_interval,
    precision_coverage,
    score_peptides,
    score_residues,
)
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import Prediction
from denovo.typing import Bool, Float64, ndarray


@dataclass(frozen=True, eq=False)
class KnownPeptides:
    """Answers to the spectra of a run whose peptide is stated in the file.

    Parameters
    ----------
    n_spectra : int
        Spectra with a stated peptide of the alphabet.
    n_outside : int
        Spectra whose stated peptide is outside the alphabet or cannot be read; they do not count.
    score, q_value : array [answer], float64
        Score of each answer, and its false discovery rate within the run; NaN if unknown.
    is_right : array [answer], bool
        Whether all residues are right, by mass.
    identity : array [answer], str
        The `identity` of the stated peptide: spectra of one peptide are right or wrong together.
    residue_score : array [residue], float64
        Score of each residue of all answers.
    is_residue_right : array [residue], bool
        Whether it is right, by mass.
    """

    n_spectra: int
    n_outside: int
    score: Float64[ndarray, " answer"]
    q_value: Float64[ndarray, " answer"]
    is_right: Bool[ndarray, " answer"]
    identity: ndarray
    residue_score: Float64[ndarray, " residue"]
    is_residue_right: Bool[ndarray, " residue"]

    @classmethod
    def of(
        cls,
        entries: Iterable[MeasuredSpectrum | Rejected],
        predictions: Iterable[Prediction],
        vocabulary: Vocabulary,
    ) -> "KnownPeptides | None":
        """Compare predictions with the entries of their files; None without a stated peptide."""
        truths, n_outside = _truths(entries, vocabulary)
        if not truths:
            return None
        # Predictions of a run that was read again have the encodable form of a file name.
        answered = [p for p in predictions if p.has_answer]
        kept = [p for p in answered if (encodable(p.file), p.index) in truths]
        guesses = [vocabulary.canonical[vocabulary.encode(p.peptide)].tolist() for p in kept]
        known = [truths[encodable(p.file), p.index] for p in kept]
        right = [score_residues(*pair, vocabulary) for pair in zip(guesses, known, strict=True)]
        scores = [np.array(p.residue_scores, np.float64) for p in kept]
        q_values = [np.nan if p.q_value is None else p.q_value for p in kept]
        is_right = score_peptides(guesses, known, vocabulary)["is_right"] if kept else []
        return cls(
            len(truths),
            n_outside,
            np.array([p.score for p in kept], np.float64),
            np.array(q_values, np.float64),
            np.array(is_right, np.bool_),
            np.array([identity(vocabulary.decode(truth)) for truth in known], np.str_),
            np.concatenate([np.zeros(0), *scores]),
            np.concatenate([np.zeros(0, np.bool_), *right]),
        )

    def peptide_curve(self) -> PrecisionCoverage:
        """Rank the answers by their score."""
        return precision_coverage(self.score, self.is_right, self.n_spectra)

    def residue_curve(self) -> PrecisionCoverage:
        """Rank the residues of all answers by their score."""
        return precision_coverage(self.residue_score, self.is_residue_right)

    def within(self, fdr: float | None) -> tuple[int, float, tuple[float, float]]:
        """Return number and precision of the answers up to a rate, with its 95 % interval.

        None stands for all answers. The precision of no answer is NaN.
        """
        is_kept = np.full(len(self.score), True) if fdr is None else self.q_value <= fdr
        is_right = self.is_right[is_kept]
        if not is_right.size:
            return 0, np.nan, (np.nan, np.nan)
        interval = clustered_interval(is_right, self.identity[is_kept])
        return is_right.size, float(is_right.mean()), interval


def _truths(
    entries: Iterable[MeasuredSpectrum | Rejected], vocabulary: Vocabulary
) -> tuple[dict[tuple[str, int], list[int]], int]:
    """Return the canonical tokens of stated peptides by file and index, and count the others."""
    found: dict[tuple[str, int], list[int]] = {}
    n_outside = 0
    for entry in entries:
        if isinstance(entry, Rejected):
            continue
        try:
            tokens = truth_of(entry, vocabulary)
        except InputError:
            n_outside += 1
            continue
        if tokens is not None:
            found[encodable(entry.file), entry.index] = vocabulary.canonical[tokens].tolist()
    return found, n_outside
