"""All figures at once, on a batch worked out by hand."""

import math

import pytest
import torch

from denovo.chemistry import WATER_MASS, Vocabulary
from denovo.losses.precursor import UNITS
from denovo.metrics.evaluation import EvaluationMetrics
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens

# Truth, answer, error of the precursor and of the expected mass in ppm, special-token probability.
# PEPTIDEK is right; AGGK against ANK keeps A and K; GASPK has no answer; SAMK is right, 50 ppm off.
ROWS = [
    ("PEPTIDEK", "PEPTIDEK", 5.0, 8.0, 0.1),
    ("AGGK", "ANK", -15.0, 60.0, 0.2),
    ("GASPK", "", 0.0, 12.0, 0.3),
    ("SAMK", "SAMK", 50.0, -4.0, 0.0),
]
N_K_GAP = 114.042927 - 2 * 57.021464
"""Mass of N beyond two G in Da, from unimod.org: 1e-6, nothing beside a ppm."""


def arguments(vocabulary: Vocabulary, rows):
    """Make what `EvaluationMetrics.update` takes."""
    truth = [vocabulary.canonical[vocabulary.encode(row[0])].tolist() for row in rows]
    guess = [vocabulary.canonical[vocabulary.encode(r[1])].tolist() if r[1] else [] for r in rows]
    masses = torch.stack([vocabulary.masses[tokens].sum() for tokens in truth]) + WATER_MASS
    precursor, soft = (torch.tensor([row[i] for row in rows]).double() for i in (2, 3))
    observed = masses * (1 + 1e-6 * precursor)
    empty = torch.zeros(len(rows), 1)
    spectra = Spectra(empty, empty, empty.bool(), observed, torch.full((len(rows),), 2))
    special = torch.tensor([row[4] for row in rows])
    batch = LabelledSpectra(spectra, pad_tokens(truth))
    return guess, observed / (1 + 1e-6 * soft), special, batch


def figures(vocabulary, *batches):
    metrics = EvaluationMetrics(vocabulary)
    for rows in batches:
        metrics.update(*arguments(vocabulary, rows))
    return {name: float(value) for name, value in metrics.compute().items()}


def test_the_figures_are_those_worked_out_by_hand(canonical):
    found = figures(canonical, ROWS)
    assert abs(N_K_GAP) < 1e-5
    expected = {
        "n_spectra": 4,
        "aa_precision": 14 / 15,  # 8 + 2 + 0 + 4 of 8 + 3 + 0 + 4
        "aa_recall": 14 / 21,  # of 8 + 4 + 5 + 4
        "peptide_precision": 2 / 3,
        "peptide_recall": 2 / 4,
        "ppm_error_mean": (5 + 15 + 50) / 3,  # no answer has no error
        "ppm_error_abs_median": 15,
        "ppm_error_abs_p90": 50,
        "ppm_within_10": 1 / 4,  # but is never within
        "ppm_within_20": 2 / 4,
        "soft_ppm_error_mean": (8 + 60 + 12 + 4) / 4,
        "soft_ppm_error_abs_median": 10,
        "soft_ppm_error_abs_p90": 60,
        "soft_ppm_within_10": 2 / 4,
        "soft_ppm_within_20": 3 / 4,
        "special_token_probability": 0.15,
    }
    assert found == pytest.approx(expected, rel=1e-3)


def test_peptides_are_also_counted_by_length(canonical):
    metrics = EvaluationMetrics(canonical)
    metrics.update(*arguments(canonical, ROWS))
    found = [(row["length"], row["peptide_recall"]) for row in metrics.by_length()]
    assert found == [(4, 0.5), (5, 0.0), (8, 1.0)]


def test_batches_add_up_to_what_one_batch_gives(canonical):
    whole = figures(canonical, ROWS)
    assert figures(canonical, ROWS[:2], ROWS[2:]) == pytest.approx(whole, rel=1e-6)


def test_batches_of_unlike_size_count_by_spectra(canonical):
    whole = figures(canonical, ROWS)
    assert figures(canonical, ROWS[:1], ROWS[1:]) == pytest.approx(whole, rel=1e-6)


def test_after_a_reset_nothing_is_left(canonical):
    metrics = EvaluationMetrics(canonical)
    metrics.update(*arguments(canonical, ROWS[1:]))
    metrics.compute()
    metrics.reset()
    metrics.update(*arguments(canonical, ROWS[:1]))
    found = {name: float(value) for name, value in metrics.compute().items()}
    assert found == pytest.approx(figures(canonical, ROWS[:1]), rel=1e-6)
    assert found["n_spectra"] == 1
    assert found["special_token_probability"] == pytest.approx(0.1)


def test_without_any_answer_errors_are_unknown_and_shares_are_0(canonical):
    found = figures(canonical, ROWS[2:3])
    assert math.isnan(found["ppm_error_mean"])
    assert math.isnan(found["ppm_error_abs_median"])
    assert found["ppm_within_20"] == found["peptide_precision"] == found["aa_precision"] == 0
    assert found["soft_ppm_error_mean"] == pytest.approx(12, rel=1e-3)


def test_errors_are_relative_to_the_measured_mass(canonical):
    # Measured at twice the mass of the answer; the expected mass is a quarter of the measured one.
    found = figures(canonical, [("AGGK", "AGGK", 1e6, 3e6, 0.0)])
    assert found["ppm_error_mean"] == pytest.approx(0.5e6)
    assert found["soft_ppm_error_mean"] == pytest.approx(0.75e6)


def test_an_answer_without_residues_is_off_by_almost_its_whole_mass(canonical):
    guess, _, special, batch = arguments(canonical, ROWS[2:3])
    metrics = EvaluationMetrics(canonical)
    metrics.update(guess, torch.tensor([WATER_MASS]).double(), special, batch)
    found = float(metrics.compute()["soft_ppm_error_mean"])
    assert found == pytest.approx(1e6 * (1 - WATER_MASS / float(batch.spectra.precursor_mass)))
    assert found < 1e6


def test_training_and_validation_log_the_same_error(canonical):
    """The loss, training and validation divide by the measured mass."""
    guess, expected, special, batch = arguments(canonical, [("AGGK", "ANK", 30_000.0, 9e4, 0.0)])
    metrics = EvaluationMetrics(canonical)
    metrics.update(guess, expected, special, batch)
    validated = float(metrics.compute()["soft_ppm_error_mean"])
    penalised = UNITS["ppm"](expected, batch.spectra.precursor_mass).abs().item()
    assert validated == pytest.approx(penalised)


def test_nothing_is_kept_in_checkpoints(canonical):
    metrics = EvaluationMetrics(canonical)
    metrics.update(*arguments(canonical, ROWS))
    assert metrics.state_dict() == {}
