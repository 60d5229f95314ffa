"""From measured spectra to predictions: a stream in, a stream out, every entry accounted for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import torch

from denovo.checks import check_positive
from denovo.chemistry import PROTON_MASS, Tolerance, Vocabulary
from denovo.data import batch_of
from denovo.decoding import BeamDecoder, Decoded, Readable
from denovo.errors import InputError
from denovo.io import MeasuredSpectrum, Rejected
from denovo.prediction import ChargeSource, Prediction, Status
from denovo.sequencing.alternatives import alternatives_of
from denovo.sequencing.answer import Candidate, isotope_of
from denovo.sequencing.calibration import Calibration
from denovo.explanation import FRAGMENT_TOLERANCE, Explainer
from denovo.spectra import Spectra

_CHUNK_BATCHES = 8
"""Batches that are read ahead and sorted by mass, so that a batch holds peptides of one length."""


@dataclass(frozen=True)
class Sequenced:
    """A spectrum and what was read out of it."""

    spectrum: MeasuredSpectrum
    prediction: Prediction


@dataclass(frozen=True)
class _Query:
    """A spectrum to be read at one charge; ``place`` is that of the spectrum in its chunk."""

    place: int
    spectrum: MeasuredSpectrum
    charge: int


class SpectrumSequencer:
    """Reads peptides out of measured spectra, as they come.

    Parameters
    ----------
    sequencer : Sequencer
        The network, in evaluation mode, on ``device``.
    decoder : BeamDecoder
        Searches, and holds the mass constraint.
    n_peaks : int
        Most intense peaks shown of each spectrum, as in training.
    calibration : Calibration or None
        Gives probabilities; must have been fitted for this network and kind of decoder.
    charges : sequence of int
        Tried where a file states no charge; the most probable answer counts.
    batch_size : int
        Spectra read side by side.
    intensity_power : float
        Exponent on the intensities; 2 undoes a square root that a file stores.
    fragment_tolerance : Tolerance
        Within which a peak counts as an ion of the answer, when it is explained.
    n_alternatives : int
        Other peptides listed for each spectrum, at most.
    device : torch.device or str
        Where the network is.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    def __init__(
        self,
        sequencer: Readable,
        decoder: BeamDecoder,
        n_peaks: int,
        calibration: Calibration | None = None,
        charges: Sequence[int] = (2, 3),
        batch_size: int = 128,
        intensity_power: float | int = 1.0,
        fragment_tolerance: Tolerance = FRAGMENT_TOLERANCE,
        n_alternatives: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        if batch_size < 1 or n_alternatives < 0:
            raise InputError(
                "the batch size must be at least 1 and the number of alternatives at least 0, got "
                f"{batch_size} and {n_alternatives}"
            )
        if not charges or min(charges) < 1:
            raise InputError(
                "at least one positive charge must be given to try where a file states none, got "
                f"{list(charges)}"
            )
        self.sequencer, self.decoder, self.n_peaks = sequencer, decoder, n_peaks
        self.calibration, self.charges = calibration, tuple(charges)
        self.batch_size = batch_size
        self.intensity_power = check_positive("intensity_power", intensity_power)
        self.n_alternatives, self.device = n_alternatives, torch.device(device)
        self.vocabulary: Vocabulary = sequencer.vocabulary
        self.explain = Explainer(self.vocabulary, fragment_tolerance)

    def __call__(
        self, records: Iterable[MeasuredSpectrum | Rejected]
    ) -> Iterator[Sequenced | Rejected]:
        """Sequence spectra one chunk after the other.

        Parameters
        ----------
        records : iterable of MeasuredSpectrum or Rejected
            As `denovo.io.open_spectra` yields them.

        Yields
        ------
        Sequenced or Rejected
            One for each record, in order.
        """
        stream = iter(records)
        while chunk := list(islice(stream, self.batch_size * _CHUNK_BATCHES)):
            predictions = self._chunk(chunk)
            for place, record in enumerate(chunk):
                if isinstance(record, Rejected):
                    yield record
                else:
                    yield Sequenced(record, predictions[place])

    def candidates(self, spectra: Spectra) -> list[Candidate]:
        """Read one batch and describe the answers.

        Parameters
        ----------
        spectra : Spectra
            The batch, cut to the peaks that the network is shown.

        Returns
        -------
        list of Candidate
            One for each spectrum.
        """
        spectra = spectra.to(self.device)
        decoded = self.decoder(self.sequencer, spectra)
        status = _status_of(decoded, self.vocabulary.is_n_terminal.tolist())
        is_answer = [each is Status.OK for each in status]
        answered = torch.tensor(is_answer, device=self.device).nonzero().flatten()
        peptides = [p for p, ok in zip(decoded.peptides, is_answer, strict=True) if ok]
        found = iter(self.explain(spectra.select(answered), peptides) if peptides else ())
        masses = spectra.precursor_mass.tolist()
        charges = spectra.precursor_charge.tolist()
        n_peaks = spectra.peak_mask.sum(dim=1).tolist()
        costs = None if decoded.constraint_cost is None else decoded.constraint_cost.tolist()
        constraint = self.decoder.constraint
        isotopes = constraint.isotope_errors if constraint else (0,)
        candidates = []
        for row, answers in enumerate(decoded.answers):
            peptide_mass = self.vocabulary.peptide_mass(answers[0].peptide)
            candidates.append(
                Candidate(
                    answer=answers[0],
                    others=tuple(answers[1:]),
                    status=status[row],
                    charge=charges[row],
                    precursor_mass=masses[row],
                    peptide_mass=peptide_mass,
                    isotope_error=isotope_of(masses[row], peptide_mass, isotopes),
                    n_peaks=n_peaks[row],
                    explanation=next(found) if is_answer[row] else None,
                    constraint_cost=costs[row] if costs and is_answer[row] else None,
                    unconstrained=decoded.unconstrained[row] if decoded.unconstrained else None,
                )
            )
        return candidates

    def probabilities(self, candidates: Sequence[Candidate]) -> list[float | None]:
        """Return the calibrated probability of each; 0 of those that are no answer."""
        if self.calibration is None:
            return [None] * len(candidates)
        answers = [c for c in candidates if c.status is Status.OK]
        if not answers:
            return [0.0] * len(candidates)
        values = iter(self.calibration.of(answers).tolist())
        return [next(values) if c.status is Status.OK else 0.0 for c in candidates]

    def _chunk(self, records: Sequence[MeasuredSpectrum | Rejected]) -> dict[int, Prediction]:
        queries = [
            _Query(place, record, charge)
            for place, record in enumerate(records)
            if not isinstance(record, Rejected)
            for charge in ([record.precursor_charge] if record.precursor_charge else self.charges)
        ]
        queries.sort(key=lambda q: (q.spectrum.precursor_mz - PROTON_MASS) * q.charge)
        best: dict[int, tuple[_Query, Candidate, float | None]] = {}
        for start in range(0, len(queries), self.batch_size):
            batch = queries[start : start + self.batch_size]
            candidates = self.candidates(
                batch_of(
                    [query.spectrum for query in batch],
                    [query.charge for query in batch],
                    self.n_peaks,
                    self.intensity_power,
                )
            )
            probabilities = self.probabilities(candidates)
            for each in zip(batch, candidates, probabilities, strict=True):
                place = each[0].place
                if place not in best or _rank(each[1]) > _rank(best[place][1]):
                    best[place] = each
        return {place: self._prediction(*each) for place, each in best.items()}

    def _prediction(
        self, query: _Query, candidate: Candidate, probability: float | None
    ) -> Prediction:
        spectrum, explanation = query.spectrum, candidate.explanation
        stated = ChargeSource.FILE if spectrum.precursor_charge else ChargeSource.ASSUMED
        answer: Mapping[str, object] = {}
        if explanation is not None:
            answer = {
                "peptide": self.vocabulary.decode(candidate.answer.peptide),
                "residue_scores": candidate.residue_scores(self.vocabulary),
                "peptide_mz": candidate.peptide_mass / query.charge + PROTON_MASS,
                "isotope_error": candidate.isotope_error,
                "ppm_error": candidate.ppm_error,
                "share_of_sites": explanation.share_of_sites,
                "explained_intensity": explanation.explained_intensity,
                "ambiguous": explanation.regions,
            }
            if self.n_alternatives:
                alternatives = alternatives_of(candidate, self.vocabulary, self.n_alternatives)
                answer |= {"alternatives": alternatives}
        free = candidate.unconstrained
        return Prediction(
            file=spectrum.file,
            index=spectrum.index,
            native_id=spectrum.native_id,
            title=spectrum.title,
            retention_time=spectrum.retention_time,
            precursor_mz=spectrum.precursor_mz,
            precursor_charge=query.charge,
            charge_source=stated,
            status=candidate.status,
            log_probability=candidate.answer.log_probability,
            probability=probability,
            constraint_cost=candidate.constraint_cost,
            unconstrained_peptide=self.vocabulary.decode(free.peptide) if free else "",
            **{"peptide": "", "residue_scores": (), **answer},
        )


def _status_of(decoded: Decoded, is_n_terminal: Sequence[bool]) -> list[Status]:
    complete = decoded.is_complete.tolist()
    feasible = complete if decoded.is_feasible is None else decoded.is_feasible.tolist()
    status = []
    for answers, is_complete, is_feasible in zip(decoded.answers, complete, feasible, strict=True):
        if decoded.is_feasible is not None and not is_feasible:
            status.append(Status.INFEASIBLE)
        elif not is_complete or all(is_n_terminal[token] for token in answers[0].peptide):
            status.append(Status.CUT_OFF)
        else:
            status.append(Status.OK)
    return status


def _rank(candidate: Candidate) -> tuple[bool, float]:
    """Order the answers at several charges, whose peptides differ in length."""
    n_steps = len(candidate.answer.peptide) + 1
    return candidate.status is Status.OK, candidate.answer.log_probability / n_steps
