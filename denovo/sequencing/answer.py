"""Answer of the sequencer to one spectrum: candidates, scores and features."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from denovo.chemistry import ISOTOPE_SPACING, Tolerance, Vocabulary, ppm_error
from denovo.decoding import Candidate, Decoded
from denovo.spectra.ambiguity import ambiguous_regions
from denovo.spectra.batch import Spectra
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE, FragmentMatches
from denovo.spectra.prediction import Region, Site, Status
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
"""Features of an answer from which its probability is calibrated."""

_MIN_LOG_PROBABILITY = -20.0
"""Features clip log-probabilities here; below, all answers are equally improbable."""


@dataclass(frozen=True)
class Answer:
    """Answer of the sequencer to one spectrum at one charge.

    Parameters
    ----------
    candidates : tuple of Candidate
        Peptides, best first; at least one. All that follows describes the best.
    status : Status
        Whether the best counts as an answer.
    charge : int
        Precursor charge.
    precursor_mass : float
        Measured neutral mass in Da at that charge.
    peptide_mass : float
        Neutral monoisotopic mass of the peptide in Da.
    isotope_error : int
        Isotopic peak that was selected instead of the monoisotopic one.
    n_peaks : int
        Peaks that the network was shown.
    site_coverage : float
        Share of the cleavage sites with an ion among the peaks, in [0, 1]; this and the next three
        are 0 or empty unless the status is ok.
    max_missing_sites : int
        Largest number of consecutive cleavage sites without an ion.
    explained_intensity : float
        Share of the intensity on ions of the peptide, in [0, 1].
    ambiguous : tuple of Region
        Residues whose order no peak determines.
    constraint_cost : float or None
        See `Prediction`.
    unconstrained : Candidate or None
        The best peptide without the mass constraint; None if there was no constraint.
    probability : float or None
        Calibrated probability that the peptide is right; 0 unless the status is ok, None without a
        calibration.
    rivals : RivalAnswers or None
        The best answers in a proteome and outside of it, if there is a proteome.
    sites : tuple of Site
        See `Prediction`.
    """

    candidates: tuple[Candidate, ...]
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
    unconstrained: Candidate | None
    probability: float | None = None
    rivals: "RivalAnswers | None" = None
    sites: tuple[Site, ...] = ()

    @property
    def best(self) -> Candidate:
        """The most probable peptide."""
        return self.candidates[0]

    @property
    def ppm_error(self) -> float:
        """Signed error of the precursor mass in ppm, without its isotope error."""
        monoisotopic = self.precursor_mass - self.isotope_error * ISOTOPE_SPACING
        return ppm_error(monoisotopic, self.peptide_mass)

    def features(self) -> Float64[ndarray, " feature"]:
        """Return the `FEATURES` of an answer with status ok, scaled to order 1."""
        assert self.status is Status.OK
        values = self.best.token_log_probability
        lowest = [*sorted(values)[:2], 0.0]
        n_residues = len(self.best.peptide)
        cost = self.constraint_cost or 0.0
        return np.array(
            [
                _scaled(self.best.log_probability),
                self.best.log_probability / (n_residues + 1),
                _scaled(lowest[0]),
                _scaled(lowest[1]),
                self.site_coverage,
                self.max_missing_sites / 5,
                self.explained_intensity,
                n_residues / 10,
                self.charge == 1,
                self.charge == 3,
                self.charge > 3,
                min(abs(self.ppm_error), 50.0) / 10,
                self.isotope_error != 0,
                _scaled(cost),
                cost < 0,
                np.log10(self.n_peaks),
            ],
            dtype=np.float64,
        )

    def residue_scores(self, vocabulary: Vocabulary) -> tuple[float, ...]:
        """Return the probability of each residue, as `Prediction` describes."""
        scores = np.exp(self.best.token_log_probability).tolist()
        if len(scores) > 1 and bool(vocabulary.is_n_terminal[self.best.peptide[0]]):
            scores = [scores[0] * scores[1], *scores[2:]]
        return tuple(scores)


@dataclass(frozen=True)
class RivalAnswers:
    """Best answers of both sources, and their weights as in `Rivals`."""

    known: Answer | None
    novel: Answer | None
    weights: Mapping[str, Any]


def _scaled(log_probability: float) -> float:
    return max(log_probability, _MIN_LOG_PROBABILITY) / 10


def isotope_of(precursor_mass: float, peptide_mass: float, isotope_errors: tuple[int, ...]) -> int:
    """Return the isotope error that explains a measured mass best.

    Parameters
    ----------
    precursor_mass, peptide_mass : float
        Measured and theoretical neutral mass in Da.
    isotope_errors : tuple of int
        Isotope errors to choose from.
    """
    beyond = precursor_mass - peptide_mass
    return min(isotope_errors, key=lambda error: abs(beyond - error * ISOTOPE_SPACING))


def answers_of(
    decoded: Decoded,
    spectra: Spectra,
    vocabulary: Vocabulary,
    isotope_errors: tuple[int, ...] = (0,),
    rescored: Sequence[list[Candidate]] | None = None,
    tolerance: Tolerance = FRAGMENT_TOLERANCE,
) -> list[Answer]:
    """Describe what was decoded from a batch: one answer for each spectrum.

    ``rescored`` replaces the candidates of the first network where it has any.
    """
    rescored = rescored or [[]] * len(spectra)
    chosen = [again or first for first, again in zip(decoded.candidates, rescored, strict=True)]
    status = [
        Status.OK if again else each
        for again, each in zip(rescored, _status_of(decoded, vocabulary), strict=True)
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
    answers = []
    for row, candidates in enumerate(chosen):
        peptide_mass = vocabulary.peptide_mass(candidates[0].peptide)
        cost = costs[row] if costs is not None else -math.inf
        is_known = status[row] is Status.OK and math.isfinite(cost)
        answers.append(
            Answer(
                tuple(candidates),
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
    return answers


def _status_of(decoded: Decoded, vocabulary: Vocabulary) -> list[Status]:
    complete = decoded.is_complete.tolist()
    feasible = [True] * len(complete)
    if decoded.is_feasible is not None:
        feasible = decoded.is_feasible.tolist()
    status = []
    for peptide, is_complete, is_feasible in zip(decoded.peptides, complete, feasible, strict=True):
        if not is_feasible:
            status.append(Status.INFEASIBLE)
        elif not is_complete or not vocabulary.n_residues(peptide):
            status.append(Status.CUT_OFF)
        else:
            status.append(Status.OK)
    return status
