"""One answer to one spectrum at one charge, before it is written down."""

import math
from dataclasses import dataclass

import numpy as np

from denovo.chemistry import ISOTOPE_SPACING, Vocabulary, ppm_error
from denovo.decoding import Answer, Decoded
from denovo.sequencing.rescoring import Rescored
from denovo.spectra.explain import Explanation
from denovo.spectra.prediction import Status
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


@dataclass(frozen=True)
class Reading:
    """Answers to one spectrum.

    Parameters
    ----------
    answers : list of Answer
        Best first; where nothing counts, what the search without a constraint ended with.
    status : Status
        Whether the first counts.
    constraint_cost : float or None
        See `Prediction`; of the first network, where several read.
    unconstrained : Answer or None
        The answer without the constraint, None if that was off.
    probability : float or None
        Probability that the first is right, if rescoring gives one.
    """

    answers: list[Answer]
    status: Status
    constraint_cost: float | None
    unconstrained: Answer | None
    probability: float | None = None


def readings_of(
    decoded: Decoded, vocabulary: Vocabulary, rescored: Rescored | None = None
) -> list[Reading]:
    """Put together what is known of each spectrum of a batch.

    Parameters
    ----------
    decoded : Decoded
        What the first network read.
    vocabulary : Vocabulary
        Its tokens.
    rescored : Rescored or None
        What all networks agree on; where none of them has an answer that counts, the first
        network's reading stands.
    """
    readings = []
    costs = None if decoded.constraint_cost is None else decoded.constraint_cost.tolist()
    for row, status in enumerate(_status_of(decoded, vocabulary)):
        answers, probability = decoded.answers[row], None
        if rescored is not None and rescored.answers[row]:
            answers, status = rescored.answers[row], Status.OK
            if rescored.probabilities is not None:
                probability = rescored.probabilities[row][0]
        cost = costs[row] if costs is not None else -math.inf
        free = decoded.unconstrained[row] if decoded.unconstrained else None
        is_known = status is Status.OK and math.isfinite(cost)
        readings.append(Reading(answers, status, cost if is_known else None, free, probability))
    return readings


def _status_of(decoded: Decoded, vocabulary: Vocabulary) -> list[Status]:
    complete = decoded.is_complete.tolist()
    feasible = complete if decoded.is_feasible is None else decoded.is_feasible.tolist()
    status = []
    for answers, is_complete, is_feasible in zip(decoded.answers, complete, feasible, strict=True):
        if decoded.is_feasible is not None and not is_feasible:
            status.append(Status.INFEASIBLE)
        elif not is_complete or not vocabulary.n_residues(answers[0].peptide):
            status.append(Status.CUT_OFF)
        else:
            status.append(Status.OK)
    return status
