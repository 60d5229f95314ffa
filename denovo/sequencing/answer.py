"""One answer to one spectrum at one charge, before it is written down."""

from dataclasses import dataclass

import numpy as np

from denovo.chemistry import ISOTOPE_SPACING, Vocabulary, ppm_error
from denovo.decoding import Answer
from denovo.explanation import Explanation
from denovo.prediction import Status
from denovo.typing import Float64, ndarray

FEATURES = (
    "log_probability",
    "mean_log_probability",
    "lowest_log_probability",
    "second_lowest_log_probability",
    "share_of_sites",
    "longest_silent_run",
    "explained_intensity",
    "length",
    "is_singly_charged",
    "is_triply_charged",
    "is_highly_charged",
    "absolute_ppm_error",
    "has_isotope_error",
    "constraint_cost",
    "is_changed_by_constraint",
    "log_n_peaks",
)
"""What the probability that an answer is right is judged by."""

_LOWEST = -20.0
"""Logarithms of probabilities are cut off here: what lies beyond is equally hopeless."""


@dataclass(frozen=True)
class Candidate:
    """What the decoder answered, and what spectrum and masses say about it.

    Parameters
    ----------
    answer : Answer
        Tokens and log-probabilities.
    others : tuple of Answer
        The next best ones.
    status : Status
        Whether it counts.
    charge : int
        Charge it was read at.
    precursor_mass : float
        Measured neutral mass in Da at that charge.
    peptide_mass : float
        Neutral monoisotopic mass of the answer in Da.
    isotope_error : int
        Isotopic peak that the precursor is taken for.
    n_peaks : int
        Peaks that the network has seen.
    explanation : Explanation or None
        None where the status is not ok.
    constraint_cost : float or None
        See `Prediction`.
    unconstrained : Answer or None
        The answer without the constraint, None if that was off.
    probability : float or None
        Probability that it is right, where rescoring has given one.
    """

    answer: Answer
    others: tuple[Answer, ...]
    status: Status
    charge: int
    precursor_mass: float
    peptide_mass: float
    isotope_error: int
    n_peaks: int
    explanation: Explanation | None
    constraint_cost: float | None
    unconstrained: Answer | None
    probability: float | None = None

    @property
    def ppm_error(self) -> float:
        """Signed error of the precursor mass in ppm, without its isotope error."""
        monoisotopic = self.precursor_mass - self.isotope_error * ISOTOPE_SPACING
        return ppm_error(monoisotopic, self.peptide_mass)

    def features(self) -> Float64[ndarray, " feature"]:
        """Describe an answer that counts by numbers of order 1, as `FEATURES` names them."""
        assert self.explanation is not None
        values = self.answer.token_log_probability
        lowest = [*sorted(values)[:2], 0.0]
        n_residues = len(self.answer.peptide)
        cost = self.constraint_cost or 0.0
        return np.array(
            [
                _cut(self.answer.log_probability),
                self.answer.log_probability / (n_residues + 1),
                _cut(lowest[0]),
                _cut(lowest[1]),
                self.explanation.share_of_sites,
                self.explanation.longest_silent_run / 5,
                self.explanation.explained_intensity,
                n_residues / 10,
                self.charge == 1,
                self.charge == 3,
                self.charge > 3,
                min(abs(self.ppm_error), 50.0) / 10,
                self.isotope_error != 0,
                _cut(cost),
                cost < 0,
                np.log10(self.n_peaks),
            ],
            dtype=np.float64,
        )

    def residue_scores(self, vocabulary: Vocabulary) -> tuple[float, ...]:
        """Return the probability of each residue, as `Prediction` describes."""
        scores = np.exp(self.answer.token_log_probability).tolist()
        if len(scores) > 1 and bool(vocabulary.is_n_terminal[self.answer.peptide[0]]):
            scores = [scores[0] * scores[1], *scores[2:]]
        return tuple(scores)


def _cut(log_probability: float) -> float:
    return max(log_probability, _LOWEST) / 10


def isotope_of(precursor_mass: float, peptide_mass: float, isotope_errors: tuple[int, ...]) -> int:
    """Find the isotope error that explains a measured mass best.

    Parameters
    ----------
    precursor_mass, peptide_mass : float
        Measured and theoretical neutral mass in Da.
    isotope_errors : tuple of int
        Those to choose from.
    """
    beyond = precursor_mass - peptide_mass
    return min(isotope_errors, key=lambda error: abs(beyond - error * ISOTOPE_SPACING))
