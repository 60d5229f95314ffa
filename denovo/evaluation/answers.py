"""Sequence annotated files, and put every answer beside the truth."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from denovo.chemistry import ISOTOPE_SPACING, Vocabulary, mz_to_mass, ppm_error
from denovo.chemistry.identity import identity
from denovo.data import prepare_batch
from denovo.evaluation.census import (
    Census,
    Paths,
    Unsupported,
    annotated_spectra,
    take_census,
    truth_of,
)
from denovo.evaluation.sets import SpectrumSet, peptides_in
from denovo.metrics import judge_peptides, judge_residues, match_residues, q_values
from denovo.sequencing import Candidate, Sequenced, SpectrumSequencer
from denovo.sequencing.answer import isotope_of
from denovo.spectra.batch import LabelledSpectra, batch_of, pad_tokens
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction


@dataclass(frozen=True)
class Evaluation:
    """What was read out of annotated files, and what is true.

    Parameters
    ----------
    rows : DataFrame
        A row for each annotated spectrum, in the order of the files; see `judge`.
    census : Census
        What became of all entries.
    seconds : float
        Wall time of reading, sequencing and judging.
    """

    rows: pd.DataFrame
    census: Census
    seconds: float

    @property
    def is_calibrated(self) -> bool:
        """Whether the answers have probabilities."""
        return bool(self.rows["probability"].notna().any())

    @property
    def answers(self) -> pd.DataFrame:
        """The rows with an answer."""
        return pd.DataFrame(self.rows[self.rows["has_answer"]])


def evaluate(
    pipeline: SpectrumSequencer,
    paths: Paths,
    unsupported: Unsupported = Unsupported.ERROR,
    on_count: Callable[[], object] = lambda: None,
    on_spectra: Callable[[int, int], object] = lambda done, total: None,
) -> Evaluation:
    """Sequence the annotated spectra of files, twice read and never held in memory.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Network, decoder and calibration.
    paths : str, Path, or sequence of them
        Files of any format, as `denovo.io.open_spectra` takes them.
    unsupported : Unsupported
        What to do with peptides outside the alphabet of the network.
    on_count : callable
        Called for every entry, before the first one is sequenced.
    on_spectra : callable
        Told how many spectra are done, and of how many.

    Raises
    ------
    InputError
        See `take_census`.
    """
    census = take_census(paths, pipeline.vocabulary, unsupported, on_count)
    begin = time.perf_counter()
    n_done, tables = 0, []
    stream = _sequenced(pipeline, paths)
    while part := list(islice(stream, pipeline.batch_size)):
        tables.append(judge(pipeline, part))
        n_done += len(part)
        on_spectra(n_done, census.n_annotated)
    rows = pd.concat(tables, ignore_index=True)
    is_answer = rows["has_answer"] & rows["probability"].notna()
    rows.loc[is_answer, "q_value"] = q_values(rows.loc[is_answer, "probability"].to_numpy())
    return Evaluation(rows, census, time.perf_counter() - begin)


def _sequenced(pipeline: SpectrumSequencer, paths: Paths) -> Iterator[Sequenced]:
    for found in pipeline(annotated_spectra(paths, pipeline.vocabulary)):
        assert isinstance(found, Sequenced)
        yield found


def judge(pipeline: SpectrumSequencer, found: Sequence[Sequenced]) -> pd.DataFrame:
    """Put answers beside the truth.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        What gave the answers.
    found : sequence of Sequenced
        Annotated spectra with their answers, one at least.

    Returns
    -------
    DataFrame
        A row each: where the spectrum stands; ``annotation`` and ``peptide``, the
        same in canonical residues; the ``prediction`` with its charge, scores and ppm error; what
        `judge_peptides` says; ``residue_scores`` and ``residues_right``, a tuple each;
        ``share_of_fragments`` and ``silent_run`` of the truth (see `FragmentMatches`);
        ``annotation_ppm_error``, by which the precursor misses the annotated peptide, isotope
        errors taken out, and whether that is ``within_tolerance`` of the mass constraint.
    """
    vocabulary = pipeline.vocabulary
    spectra = [each.spectrum for each in found]
    predictions = [each.prediction for each in found]
    annotated = [_truth(spectrum, vocabulary) for spectrum in spectra]
    truths = [vocabulary.canonical[tokens].tolist() for tokens in annotated]
    guesses = [vocabulary.encode(p.peptide) if p.has_answer else [] for p in predictions]
    judged = judge_peptides(guesses, truths, vocabulary)
    right = [tuple(judge_residues(*pair, vocabulary).tolist()) for pair in _pairs(guesses, truths)]
    errors = [_precursor_error(pipeline, p, t) for p, t in zip(predictions, truths, strict=True)]
    shown = LabelledSpectra(
        batch_of(
            spectra,
            [p.precursor_charge for p in predictions],
            pipeline.n_peaks,
            pipeline.intensity_power,
        ),
        pad_tokens(truths),
    )
    seen = FragmentMatches.of_batch(shown, vocabulary, pipeline.fragment_tolerance)
    columns = {
        "annotation": [vocabulary.decode(tokens) for tokens in annotated],
        "peptide": [vocabulary.decode(truth) for truth in truths],
        "residues_right": right,
        "share_of_fragments": seen.site_coverage,
        "silent_run": seen.max_missing_sites,
        "annotation_ppm_error": [error for error, _ in errors],
        "within_tolerance": [fits for _, fits in errors],
    }
    return pd.concat([_table(predictions), pd.DataFrame(columns), judged], axis=1)


def _pairs(
    guesses: Sequence[list[int]], truths: Sequence[list[int]]
) -> Iterable[tuple[list[int], list[int]]]:
    return zip(guesses, truths, strict=True)


def _truth(spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> list[int]:
    tokens = truth_of(spectrum, vocabulary)
    assert tokens is not None
    return tokens


def _precursor_error(
    pipeline: SpectrumSequencer, prediction: Prediction, truth: Sequence[int]
) -> tuple[float, bool]:
    """Tell by how many ppm the precursor misses the truth, and whether the constraint allows it."""
    constraint = pipeline.decoder.constraint
    isotopes = constraint.isotope_errors if constraint else (0,)
    charge = prediction.precursor_charge
    observed = float(mz_to_mass(prediction.precursor_mz, charge))
    theoretical = pipeline.vocabulary.peptide_mass(truth)
    observed -= isotope_of(observed, theoretical, isotopes) * ISOTOPE_SPACING
    fits = constraint is None or bool(constraint.tolerance.contains(observed, theoretical))
    return ppm_error(observed, theoretical), fits


def _table(predictions: Sequence[Prediction]) -> pd.DataFrame:
    def column(name: str) -> list[object]:
        return [getattr(prediction, name) for prediction in predictions]

    def numbers(name: str) -> np.ndarray:
        return np.array(column(name), dtype=np.float64)

    return pd.DataFrame(
        {
            **{name: column(name) for name in ("file", "index", "native_id", "title")},
            "scan": pd.array(column("scan"), dtype="Int64"),
            "prediction": column("peptide"),
            "status": [prediction.status.value for prediction in predictions],
            "precursor_mz": numbers("precursor_mz"),
            "precursor_charge": column("precursor_charge"),
            "charge_source": [prediction.charge_source.value for prediction in predictions],
            **{name: numbers(name) for name in ("log_probability", "probability", "q_value")},
            **{name: numbers(name) for name in ("ppm_error", "isotope_error", "constraint_cost")},
            "residue_scores": column("residue_scores"),
        }
    )


_BATCH = 64
_SEED = 0


def answers_to(
    pipeline: SpectrumSequencer,
    spectra: SpectrumSet,
    on_spectra: Callable[[int], object] = lambda n_read: None,
) -> pd.DataFrame:
    """Read all spectra of a set.

    Parameters
    ----------
    pipeline : SpectrumSequencer
        Networks, decoder, rescoring.
    spectra : SpectrumSet
        Those of similar length share a batch.
    on_spectra : callable
        Told after each batch how many spectra were in it.

    Returns
    -------
    DataFrame
        A row for each spectrum, in the order of the source: ``title``, ``peptide``,
        ``prediction``, ``log_probability``, ``probability``; ``identity`` of the peptide (bare,
        I = L); ``charge``; ``silent_run``, the most cleavage sites of the true peptide in a row
        without an ion among the peaks (see `FragmentMatches`); ``n_candidates`` and whether the
        truth ``is_listed`` among them; what `judge_peptides` says. A prediction that does not
        count as an answer, as nothing that was found agrees with the precursor, is one here, of
        probability 0.
    """
    source = spectra.source
    rows: list[dict[str, Any]] = [{} for _ in range(len(source))]
    guesses: list[list[int]] = [[] for _ in rows]
    truths: list[list[int]] = [[] for _ in rows]
    order = np.argsort(source.lengths, kind="stable")
    for number, start in enumerate(range(0, len(order), _BATCH)):
        indices = order[start : start + _BATCH]
        known = source.read(indices)
        batch = prepare_batch(
            known, spectra.noise, _SEED + number, pipeline.n_peaks, source.vocabulary
        )
        candidates = pipeline.candidates(batch.spectra)
        described = _described(pipeline, batch, candidates)
        titles = source.identifiers(indices)
        for index, title, row, candidate, tokens, mask in zip(
            *(indices.tolist(), titles, described, candidates, batch.tokens, batch.residue_mask),
            strict=True,
        ):
            rows[index] = {"title": title, **row}
            guesses[index], truths[index] = candidate.answer.peptide, tokens[mask].tolist()
        on_spectra(len(indices))
    judged = judge_peptides(guesses, truths, source.vocabulary)
    return pd.concat([pd.DataFrame(rows), judged], axis=1)


def _described(
    pipeline: SpectrumSequencer, batch: LabelledSpectra, candidates: Sequence[Candidate]
) -> list[dict[str, Any]]:
    vocabulary = pipeline.vocabulary
    seen = FragmentMatches.of_batch(batch, vocabulary, pipeline.fragment_tolerance)
    truths = peptides_in(batch.tokens.tolist(), vocabulary)
    probabilities = pipeline.probabilities(candidates)
    return [
        {
            "peptide": truth,
            "prediction": vocabulary.decode(candidate.answer.peptide),
            "log_probability": candidate.answer.log_probability,
            "probability": probability,
            "identity": identity(truth),
            "charge": candidate.charge,
            "silent_run": silent_run,
            "n_candidates": 1 + len(candidate.others),
            "is_listed": _is_listed(candidate, vocabulary.encode(truth), vocabulary),
        }
        for candidate, probability, truth, silent_run in zip(
            candidates, probabilities, truths, seen.max_missing_sites.tolist(), strict=True
        )
    ]


def _is_listed(candidate: Candidate, truth: Sequence[int], vocabulary: Vocabulary) -> bool:
    """Tell whether one of the candidates is the truth, residue by residue, by mass."""
    masses = vocabulary.masses.numpy()
    true = masses[list(truth)]
    return any(
        match_residues(masses[list(answer.peptide)], true).all()
        for answer in (candidate.answer, *candidate.others)
    )
