"""Score the answers of a sequencer against known peptides, a row for each spectrum."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from denovo.chemistry import ISOTOPE_SPACING, Vocabulary, mz_to_mass, ppm_error
from denovo.chemistry.identity import identity
from denovo.evaluation.census import truth_of
from denovo.metrics import match_residues, score_peptides, score_residues
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.answer import isotope_of
from denovo.spectra.batch import LabelledSpectra, batch_of, pad_tokens
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction


def score_answers(
    pipeline: SpectrumSequencer,
    spectra: Sequence[MeasuredSpectrum],
    predictions: Sequence[Prediction],
    candidates: Sequence[Sequence[Sequence[int]]],
) -> pd.DataFrame:
    """Score answers against the annotated peptides.

    ``spectra`` are annotated, ``predictions`` hold an answer of ``pipeline`` for each, and
    ``candidates`` the tokens of all peptides that the answer was chosen from.

    Returns
    -------
    DataFrame
        A row for each spectrum: its position in the file; ``annotation``, and ``peptide`` in
        canonical residues; ``identity``, the bare sequence with I read as L; the ``prediction``
        with charge, scores and ppm error; the columns of `score_peptides`; tuples of
        ``residue_scores`` and ``residues_right``; ``n_candidates`` and whether the truth
        ``is_listed`` among them; ``site_coverage`` and ``max_missing_sites`` of the truth, from b
        and y ions of charge 1 and 2, see `FragmentMatches`; ``annotation_ppm_error`` of the
        precursor without isotope errors, and whether it is ``within_tolerance`` of the mass
        constraint. A prediction whose status is not ok counts as an answer without residues.
    """
    vocabulary = pipeline.vocabulary
    annotated = [_truth(spectrum, vocabulary) for spectrum in spectra]
    truths = [vocabulary.canonical[tokens].tolist() for tokens in annotated]
    guesses = [vocabulary.encode(p.peptide) if p.has_answer else [] for p in predictions]
    pairs = list(zip(guesses, truths, strict=True))
    errors = [_precursor_error(pipeline, p, t) for p, t in zip(predictions, truths, strict=True)]
    charges = [p.precursor_charge for p in predictions]
    shown = batch_of(spectra, charges, pipeline.n_peaks, pipeline.intensity_power)
    seen = FragmentMatches.of_batch(
        LabelledSpectra(shown, pad_tokens(truths)), vocabulary, pipeline.fragment_tolerance
    )
    annotations = [vocabulary.decode(tokens) for tokens in annotated]
    listed = zip(candidates, truths, strict=True)
    columns = {
        "annotation": annotations,
        "peptide": [vocabulary.decode(truth) for truth in truths],
        "identity": [identity(peptide) for peptide in annotations],
        "residues_right": [tuple(score_residues(*pair, vocabulary).tolist()) for pair in pairs],
        "n_candidates": [len(each) for each in candidates],
        "is_listed": [_is_listed(each, truth, vocabulary) for each, truth in listed],
        "site_coverage": seen.site_coverage,
        "max_missing_sites": seen.max_missing_sites,
        "annotation_ppm_error": [error for error, _ in errors],
        "within_tolerance": [fits for _, fits in errors],
    }
    scores = score_peptides(guesses, truths, vocabulary)
    return pd.concat([_table(predictions), pd.DataFrame(columns), scores], axis=1)


def _is_listed(
    candidates: Sequence[Sequence[int]], truth: Sequence[int], vocabulary: Vocabulary
) -> bool:
    """Return whether the residues of a candidate match the truth by mass."""
    masses = vocabulary.masses.numpy()
    true = masses[list(truth)]
    return any(match_residues(masses[list(peptide)], true).all() for peptide in candidates)


def _truth(spectrum: MeasuredSpectrum, vocabulary: Vocabulary) -> list[int]:
    tokens = truth_of(spectrum, vocabulary)
    assert tokens is not None
    return tokens


def _precursor_error(
    pipeline: SpectrumSequencer, prediction: Prediction, truth: Sequence[int]
) -> tuple[float, bool]:
    """Return the ppm error of the precursor to the truth, and if the constraint allows it."""
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
