"""From measured spectra to predictions: a stream in, a stream out, every entry accounted for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import torch

from denovo.chemistry import PROTON_MASS, Tolerance, Vocabulary
from denovo.decoding import BeamDecoder
from denovo.errors import InputError, check_positive
from denovo.sequencing.alternatives import alternatives_of
from denovo.sequencing.answer import Candidate, candidates_of
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.rescoring import Rescorer
from denovo.spectra.batch import Spectra, batch_of
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import ChargeSource, Prediction, Status
from denovo.spectra.protocol import Sequencer

_CHUNK_BATCHES = 8
"""Batches that are read ahead and sorted by mass, so that a batch holds peptides of one length."""


@dataclass(frozen=True)
class Sequenced:
    """A spectrum and what was read out of it.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        The spectrum.
    prediction : Prediction
        The answer.
    candidates : tuple of sequence of int
        Tokens of the peptides that the answer was chosen from, itself the first.
    """

    spectrum: MeasuredSpectrum
    prediction: Prediction
    candidates: tuple[Sequence[int], ...] = ()


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
        Tried where a file states no charge, and those that it states where they are several; the
        most probable answer counts.
    batch_size : int
        Spectra read side by side.
    intensity_power : float
        Exponent on the intensities; 2 undoes a square root that a file stores.
    fragment_tolerance : Tolerance
        Within which a peak counts as an ion of the answer.
    n_alternatives : int
        Other peptides listed for each spectrum, at most.
    rescorer : Rescorer or None
        Chooses among the candidates of several networks, and gives the probabilities instead of
        ``calibration``.
    device : torch.device or str
        Where the network is.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    def __init__(
        self,
        sequencer: Sequencer,
        decoder: BeamDecoder,
        n_peaks: int,
        calibration: Calibration | None = None,
        charges: Sequence[int] = (2, 3),
        batch_size: int = 128,
        intensity_power: float | int = 1.0,
        fragment_tolerance: Tolerance = FRAGMENT_TOLERANCE,
        n_alternatives: int = 0,
        rescorer: Rescorer | None = None,
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
        self.rescorer, self.charges = rescorer, tuple(charges)
        self.calibration = rescorer.reranker if rescorer else calibration
        self.batch_size = batch_size
        self.intensity_power = check_positive("intensity_power", intensity_power)
        self.n_alternatives, self.device = n_alternatives, torch.device(device)
        self.vocabulary: Vocabulary = sequencer.vocabulary
        self.fragment_tolerance = fragment_tolerance

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
            found = self._chunk(chunk)
            for place, record in enumerate(chunk):
                if isinstance(record, Rejected):
                    yield record
                else:
                    yield found[place]

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
        rescored = self.rescorer(spectra, decoded) if self.rescorer else None
        constraint = self.decoder.constraint
        isotopes = constraint.isotope_errors if constraint else (0,)
        tolerance = self.fragment_tolerance
        return candidates_of(decoded, spectra, self.vocabulary, isotopes, rescored, tolerance)

    def probabilities(self, candidates: Sequence[Candidate]) -> list[float | None]:
        """Return the calibrated probability of each; 0 of those that are no answer."""
        if self.calibration is None:
            return [None] * len(candidates)
        answers = [c for c in candidates if c.status is Status.OK]
        values: Iterator[float | None] = (c.answer.probability for c in answers)
        if isinstance(self.calibration, Calibration):
            values = iter(self.calibration.of(answers).tolist() if answers else [])
        return [next(values) if c.status is Status.OK else 0.0 for c in candidates]

    def _charges_of(self, spectrum: MeasuredSpectrum) -> Sequence[int]:
        if spectrum.precursor_charge:
            return [spectrum.precursor_charge]
        return spectrum.possible_charges or self.charges

    def _chunk(self, records: Sequence[MeasuredSpectrum | Rejected]) -> dict[int, Sequenced]:
        queries = [
            _Query(place, record, charge)
            for place, record in enumerate(records)
            if not isinstance(record, Rejected)
            for charge in self._charges_of(record)
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
        return {place: self._sequenced(*each) for place, each in best.items()}

    def _sequenced(
        self, query: _Query, candidate: Candidate, probability: float | None
    ) -> Sequenced:
        spectrum = query.spectrum
        stated = ChargeSource.FILE if spectrum.precursor_charge else ChargeSource.ASSUMED
        answer: Mapping[str, object] = {}
        if candidate.status is Status.OK:
            answer = {
                "peptide": self.vocabulary.decode(candidate.answer.peptide),
                "residue_scores": candidate.residue_scores(self.vocabulary),
                "peptide_mz": candidate.peptide_mass / query.charge + PROTON_MASS,
                "isotope_error": candidate.isotope_error,
                "ppm_error": candidate.ppm_error,
                "site_coverage": candidate.site_coverage,
                "explained_intensity": candidate.explained_intensity,
                "ambiguous": candidate.ambiguous,
            }
            if self.n_alternatives:
                alternatives = alternatives_of(candidate, self.vocabulary, self.n_alternatives)
                answer |= {"alternatives": alternatives}
        free = candidate.unconstrained
        prediction = Prediction(
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
            scan=spectrum.scan,
            activation=spectrum.activation,
            analyzer=spectrum.analyzer,
            note=spectrum.note,
            **{"peptide": "", "residue_scores": (), **answer},
        )
        candidates = (candidate.answer, *candidate.others)
        return Sequenced(spectrum, prediction, tuple(each.peptide for each in candidates))


def _rank(candidate: Candidate) -> tuple[bool, float]:
    """Order the answers at several charges, whose peptides differ in length."""
    n_steps = len(candidate.answer.peptide) + 1
    per_step = candidate.answer.log_probability / n_steps
    probability = candidate.answer.probability
    score = per_step if probability is None else probability
    return candidate.status is Status.OK, score
