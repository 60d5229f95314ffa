"""One answer to one spectrum at one charge, before it is written down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from denovo.chemistry import ISOTOPE_SPACING, Tolerance, Vocabulary, ppm_error
from denovo.decoding import Answer, Decoded
from denovo.spectra.ambiguity import ambiguous_regions
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE, FragmentMatches
from denovo.spectra.prediction import Region, Status
from denovo.typing import Float64, ndarray

FEATURES = (
    "log_probability",
    "mean_log_probability",
    "lowest_log_probability",
    "second_lowest_log_probability",
    "site_coverage",
    "max_missing_sites",
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
    site_coverage : float
        Share of the cleavage sites with an ion among the peaks, in [0, 1]; 0 where the status is
        not ok, as the next three.
    max_missing_sites : int
        Most cleavage sites in a row without one.
    explained_intensity : float
        Share of the intensity on ions of the answer, in [0, 1].
    ambiguous : tuple of Region
        Residues that the spectrum cannot order.
    constraint_cost : float or None
        See `Prediction`.
    unconstrained : Answer or None
        The answer without the constraint, None if that was off.
    """

    answer: Answer
    others: tuple[Answer, ...]
    status: Status
    charge: int
    precursor_mass: float
    peptide_mass: float
    isotope_error: int
    n_peaks: int
    site_coverage: float
    max_missing_sites: int
    explained_intensity: float
    ambiguous: tuple[Region, ...]
    constraint_cost: float | None
    unconstrained: Answer | None

    @property
    def ppm_error(self) -> float:
        """Signed error of the precursor mass in ppm, without its isotope error."""
        monoisotopic = self.precursor_mass - self.isotope_error * ISOTOPE_SPACING
        return ppm_error(monoisotopic, self.peptide_mass)

    def features(self) -> Float64[ndarray, " feature"]:
        """Describe an answer that counts by numbers of order 1, as `FEATURES` names them."""
        assert self.status is Status.OK
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
                self.site_coverage,
                self.max_missing_sites / 5,
                self.explained_intensity,
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


def candidates_of(
    decoded: Decoded,
    spectra: Spectra,
    vocabulary: Vocabulary,
    isotope_errors: tuple[int, ...] = (0,),
    rescored: Sequence[list[Answer]] | None = None,
    tolerance: Tolerance = FRAGMENT_TOLERANCE,
) -> list[Candidate]:
    """Describe the answers to a batch."""
    status = _status_of(decoded, vocabulary)
    chosen = [
        (again or first)
        for first, again in zip(decoded.answers, rescored or [[]] * len(spectra), strict=True)
    ]
    status = [
        Status.OK if rescored is not None and rescored[row] else each
        for row, each in enumerate(status)
    ]
    answered = np.flatnonzero([each is Status.OK for each in status])
    peptides = [chosen[row][0].peptide for row in answered]
    matches = FragmentMatches.of(spectra, answered, peptides, vocabulary, tolerance)
    columns = (
        matches.site_coverage.tolist(),
        matches.max_missing_sites.tolist(),
        matches.explained_intensity.tolist(),
        ambiguous_regions(matches, peptides),
    )
    seen = dict(zip(answered.tolist(), zip(*columns, strict=True), strict=True))
    n_peaks = spectra.peak_mask.sum(dim=1).tolist()
    charges, masses = spectra.precursor_charge.tolist(), spectra.precursor_mass.tolist()
    costs = None if decoded.constraint_cost is None else decoded.constraint_cost.tolist()
    candidates = []
    for row, answers in enumerate(chosen):
        peptide_mass = vocabulary.peptide_mass(answers[0].peptide)
        cost = costs[row] if costs is not None else -math.inf
        is_known = status[row] is Status.OK and math.isfinite(cost)
        candidates.append(
            Candidate(
                answers[0],
                tuple(answers[1:]),
                status[row],
                charges[row],
                masses[row],
                peptide_mass,
                isotope_of(masses[row], peptide_mass, isotope_errors),
                n_peaks[row],
                *seen.get(row, (0.0, 0, 0.0, ())),
                constraint_cost=cost if is_known else None,
                unconstrained=decoded.unconstrained[row] if decoded.unconstrained else None,
            )
        )
    return candidates


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
