"""Sequencing of a stream of measured spectra, with one result for every entry."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import torch

from denovo.chemistry import PROTON_MASS, Tolerance, Vocabulary
from denovo.decoding import BeamDecoder
from denovo.errors import InputError, check_positive
from denovo.sequencing.alternatives import alternatives_of
from denovo.sequencing.answer import Answer, answers_of
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.proteome.prior import ProteomePrior
from denovo.sequencing.rescoring import Rescorer
from denovo.sequencing.site_probabilities import SiteScorer
from denovo.spectra.batch import Spectra, batch_of
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.spectra.prediction import ChargeSource, Prediction, Rivals, Status
from denovo.spectra.sequencer_protocol import Sequencer

_CHUNK_BATCHES = 8
"""Batches per chunk; spectra of a chunk are sorted by mass to batch peptides of similar length."""


class _Query(NamedTuple):
    """A spectrum to be read at one charge, and its place in its chunk."""

    place: int
    spectrum: MeasuredSpectrum
    charge: int


class SpectrumSequencer:
    """Sequences measured spectra as a stream.

    Parameters
    ----------
    sequencer : Sequencer
        The network, in evaluation mode, on ``device``.
    decoder : BeamDecoder
        Decoder, with the mass constraint if there is one.
    n_peaks : int
        Number of most intense peaks that the network is shown, as in training.
    calibration : Calibration or None
        Calibration fitted for this network and kind of decoder; None gives no probabilities.
    charges, batch_size, intensity_power, fragment_tolerance
        See `SequencingSettings`. Where a file states several charges, those are tried.
    n_alternatives : int
        Most alternative peptides per prediction.
    rescorer : Rescorer or None
        Ranks the candidates of all networks; its probabilities replace those of ``calibration``.
    device : torch.device or str
        Device of the network.
    proteome : ProteomePrior or None
        Adds peptides of a proteome to the candidates, with a rescorer only.

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
        batch_size: int = 256,
        intensity_power: float | int = 1.0,
        fragment_tolerance: Tolerance = FRAGMENT_TOLERANCE,
        n_alternatives: int = 0,
        rescorer: Rescorer | None = None,
        device: torch.device | str = "cpu",
        proteome: ProteomePrior | None = None,
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
        self.with_sites = SiteScorer(rescorer) if rescorer and rescorer.reranker else None
        self.batch_size = batch_size
        self.intensity_power = check_positive("intensity_power", intensity_power)
        self.n_alternatives, self.device = n_alternatives, torch.device(device)
        self.vocabulary: Vocabulary = sequencer.vocabulary
        self.fragment_tolerance, self.proteome = fragment_tolerance, proteome

    def __call__(
        self, records: Iterable[MeasuredSpectrum | Rejected]
    ) -> Iterator[tuple[MeasuredSpectrum, Answer] | Rejected]:
        """Sequence the records of `denovo.io.open_spectra` in order; see `prediction`."""
        stream = iter(records)
        while chunk := list(islice(stream, self.batch_size * _CHUNK_BATCHES)):
            answers = self._answers_to(chunk)
            for place, record in enumerate(chunk):
                yield record if isinstance(record, Rejected) else (record, answers[place])

    def answers(self, spectra: Spectra) -> list[Answer]:
        """Sequence one batch, cut to the peaks that the network is shown."""
        spectra = spectra.to(self.device)
        answers = self._answers(spectra)
        return self.with_sites(spectra, answers) if self.with_sites else answers

    def _answers(self, spectra: Spectra) -> list[Answer]:
        decoded = self.decoder(self.sequencer, spectra)
        if self.proteome is not None:
            return self.proteome.answers(spectra, decoded)
        rescored = self.rescorer(spectra, decoded) if self.rescorer else None
        constraint = self.decoder.constraint
        isotopes = constraint.isotope_errors if constraint else (0,)
        tolerance = self.fragment_tolerance
        answers = answers_of(decoded, spectra, self.vocabulary, isotopes, rescored, tolerance)
        if self.calibration is None:
            return answers
        valid = [answer for answer in answers if answer.status is Status.OK]
        values = iter([answer.best.probability for answer in valid])
        if isinstance(self.calibration, Calibration):
            values = iter(self.calibration.of(valid).tolist() if valid else [])
        return [
            replace(answer, probability=next(values) if answer.status is Status.OK else 0.0)
            for answer in answers
        ]

    def prediction(self, spectrum: MeasuredSpectrum, answer: Answer) -> Prediction:
        """Return the row that is written for an answer.

        Parameters
        ----------
        spectrum : MeasuredSpectrum
            The spectrum.
        answer : Answer
            Its answer. With a proteome, the row is the one at the share of novel peptides that was
            given, or that of the fit.
        """
        if answer.rivals is None or self.proteome is None:
            return self._row(spectrum, answer)
        of_source = {
            name: each and self._row(spectrum, each)
            for name, each in (("known", answer.rivals.known), ("novel", answer.rivals.novel))
        }
        rivals = Rivals(**of_source, **answer.rivals.weights)
        return self.proteome.resolved(replace(self._row(spectrum, answer), rivals=rivals))

    def _row(self, spectrum: MeasuredSpectrum, answer: Answer) -> Prediction:
        peptide_scores: dict[str, Any] = {"peptide": "", "residue_scores": ()}
        if answer.status is Status.OK:
            peptide_scores = {
                "peptide": self.vocabulary.decode(answer.best.peptide),
                "residue_scores": answer.residue_scores(self.vocabulary),
                "peptide_mz": answer.peptide_mass / answer.charge + PROTON_MASS,
                "isotope_error": answer.isotope_error,
                "ppm_error": answer.ppm_error,
                "site_coverage": answer.site_coverage,
                "explained_intensity": answer.explained_intensity,
                "ambiguous": answer.ambiguous,
                "sites": answer.sites,
                "alternatives": alternatives_of(answer, self.vocabulary, self.n_alternatives),
            }
        free = answer.unconstrained
        return Prediction(
            file=spectrum.file,
            index=spectrum.index,
            native_id=spectrum.native_id,
            title=spectrum.title,
            retention_time=spectrum.retention_time,
            precursor_mz=spectrum.precursor_mz,
            precursor_charge=answer.charge,
            charge_source=ChargeSource.FILE if spectrum.precursor_charge else ChargeSource.ASSUMED,
            status=answer.status,
            log_probability=answer.best.log_probability,
            probability=answer.probability,
            constraint_cost=answer.constraint_cost,
            unconstrained_peptide=self.vocabulary.decode(free.peptide) if free else "",
            scan=spectrum.scan,
            activation=spectrum.activation,
            analyzer=spectrum.analyzer,
            note=spectrum.note,
            **peptide_scores,
        )

    def _charges_of(self, spectrum: MeasuredSpectrum) -> Sequence[int]:
        if spectrum.precursor_charge:
            return [spectrum.precursor_charge]
        return spectrum.possible_charges or self.charges

    def _answers_to(self, records: Sequence[MeasuredSpectrum | Rejected]) -> dict[int, Answer]:
        """Sequence a chunk in batches of similar mass; returns the best answer of each place."""
        queries = [
            _Query(place, record, charge)
            for place, record in enumerate(records)
            if not isinstance(record, Rejected)
            for charge in self._charges_of(record)
        ]
        queries.sort(key=lambda q: (q.spectrum.precursor_mz - PROTON_MASS) * q.charge)
        best: dict[int, Answer] = {}
        for start in range(0, len(queries), self.batch_size):
            places, spectra, charges = zip(*queries[start : start + self.batch_size], strict=True)
            batch = batch_of(spectra, charges, self.n_peaks, self.intensity_power)
            for place, answer in zip(places, self.answers(batch), strict=True):
                if place not in best or _rank(answer) > _rank(best[place]):
                    best[place] = answer
        return best


def _rank(answer: Answer) -> tuple[bool, float]:
    """Return the key that ranks the answers at several charges, independent of length."""
    best = answer.best
    per_step = best.log_probability / (len(best.peptide) + 1)
    score = per_step if best.probability is None else best.probability
    return answer.status is Status.OK, score
