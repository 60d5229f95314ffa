"""Score answers against known peptides, a row for each spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from denovo.chemistry import ISOTOPE_SPACING, Tolerance, Vocabulary, mz_to_mass, ppm_error
from denovo.chemistry.identity import identity
from denovo.choices import Match
from denovo.evaluation.census import truth_of
from denovo.metrics import match_residues, score_by_ppm, score_peptides, score_residues
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.answer import isotope_of
from denovo.spectra.batch import LabelledSpectra, batch_of, pad_tokens
from denovo.spectra.fragment_matches import FragmentMatches
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction


@dataclass(frozen=True)
class Truths:
    """Annotated peptides of spectra.

    Parameters
    ----------
    tokens : list of list of int
        Canonical tokens of each.
    table : DataFrame
        ``annotation``, and ``peptide`` in canonical residues; ``identity``, the bare sequence with
        I read as L; ``site_coverage``, ``max_missing_sites``, ``n_missing_sites`` and
        ``explained_intensity``, from b and y ions of charge 1 and 2, see `FragmentMatches`.
    """

    tokens: list[list[int]]
    table: pd.DataFrame

    @classmethod
    def of(
        cls,
        spectra: Sequence[MeasuredSpectrum],
        charges: Sequence[int],
        vocabulary: Vocabulary,
        n_peaks: int,
        intensity_power: float,
        tolerance: Tolerance,
    ) -> "Truths":
        """Read the annotations of spectra, and match them with their most intense peaks."""
        annotated = [_truth(spectrum, vocabulary) for spectrum in spectra]
        tokens = [vocabulary.canonical[each].tolist() for each in annotated]
        shown = batch_of(spectra, charges, n_peaks, intensity_power)
        seen = FragmentMatches.of_batch(
            LabelledSpectra(shown, pad_tokens(tokens)), vocabulary, tolerance
        )
        annotations = [vocabulary.decode(each) for each in annotated]
        columns = {
            "annotation": annotations,
            "peptide": [vocabulary.decode(each) for each in tokens],
            "identity": [identity(peptide) for peptide in annotations],
            "site_coverage": seen.site_coverage,
            "max_missing_sites": seen.max_missing_sites,
            "n_missing_sites": (seen.is_site & ~seen.is_covered).sum(axis=1),
            "explained_intensity": seen.explained_intensity,
        }
        return cls(tokens, pd.DataFrame(columns))


def score_answers(
    pipeline: SpectrumSequencer,
    spectra: Sequence[MeasuredSpectrum],
    predictions: Sequence[Prediction],
    candidates: Sequence[Sequence[Sequence[int]]],
    match: Match = Match.DEEPNOVO,
) -> pd.DataFrame:
    """Score answers against the annotated peptides.

    ``spectra`` are annotated, ``predictions`` hold an answer of ``pipeline`` for each, and
    ``candidates`` the tokens of all peptides that the answer was chosen from.

    Returns
    -------
    DataFrame
        A row for each spectrum: its position in the file; the columns of `Truths`; the
        ``prediction`` with charge, scores and ppm error; the columns of `score_peptides`, by
        ``match``; tuples of ``residue_scores`` and ``residues_right``; ``n_candidates`` and
        whether the truth ``is_listed`` among them, by mass; ``annotation_ppm_error`` of the
        precursor without isotope errors, and whether it is ``within_tolerance`` of the mass
        constraint. A prediction whose status is not ok counts as an answer without residues.
    """
    vocabulary = pipeline.vocabulary
    truths = Truths.of(
        spectra,
        [p.precursor_charge for p in predictions],
        vocabulary,
        pipeline.n_peaks,
        pipeline.intensity_power,
        pipeline.fragment_tolerance,
    )
    guesses = [vocabulary.encode(p.peptide) if p.has_answer else [] for p in predictions]
    constraint = pipeline.decoder.constraint
    isotopes = constraint.isotope_errors if constraint else (0,)
    tolerance = constraint.tolerance if constraint else None
    errors = [
        precursor_error(p.precursor_mz, p.precursor_charge, mass, isotopes, tolerance)
        for p, mass in zip(predictions, map(vocabulary.peptide_mass, truths.tokens), strict=True)
    ]
    listed = zip(candidates, truths.tokens, strict=True)
    columns = {
        "n_candidates": [len(each) for each in candidates],
        "is_listed": [_is_listed(each, truth, vocabulary) for each, truth in listed],
        "annotation_ppm_error": [error for error, _ in errors],
        "within_tolerance": [fits for _, fits in errors],
    }
    scores = score_guesses(guesses, truths.tokens, vocabulary, match)
    return pd.concat([_table(predictions), truths.table, pd.DataFrame(columns), scores], axis=1)


def score_guesses(
    guesses: Sequence[Sequence[int]],
    truths: Sequence[Sequence[int]],
    vocabulary: Vocabulary,
    match: Match,
) -> pd.DataFrame:
    """Return the columns of `score_peptides` and ``residues_right``, by any definition."""
    if match is not Match.DEEPNOVO:
        return score_by_ppm(guesses, truths, vocabulary, is_exact=match is Match.EXACT)
    pairs = zip(guesses, truths, strict=True)
    right = [tuple(score_residues(*pair, vocabulary).tolist()) for pair in pairs]
    return score_peptides(guesses, truths, vocabulary).assign(residues_right=right)


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


def precursor_error(
    precursor_mz: float,
    charge: int,
    mass: float,
    isotopes: tuple[int, ...],
    tolerance: Tolerance | None,
) -> tuple[float, bool]:
    """Return the ppm error of a precursor to a neutral mass, and whether the tolerance allows it.

    The error is that without the isotope error, of those given, that explains the precursor best.
    """
    observed = float(mz_to_mass(precursor_mz, charge))
    observed -= isotope_of(observed, mass, isotopes) * ISOTOPE_SPACING
    fits = tolerance is None or bool(tolerance.contains(observed, mass))
    return ppm_error(observed, mass), fits


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
