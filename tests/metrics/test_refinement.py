"""Figures of refinement steps."""

import pytest
import torch

from denovo.metrics.precursor import refinement_figures
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens


@pytest.fixture
def batch(canonical):
    peptides = [canonical.encode("GAK"), canonical.encode("SVTK")]
    masses = torch.tensor([canonical.peptide_mass(p) for p in peptides], dtype=torch.float64)
    nothing = torch.zeros(2, 1)
    spectra = Spectra(nothing, nothing, nothing.bool(), masses, torch.tensor([2, 2]))
    return LabelledSpectra(spectra, pad_tokens(peptides))


def test_accuracy_edits_and_error_of_each_step(canonical, batch):
    right = torch.nn.functional.one_hot(batch.tokens, len(canonical)).float()
    wrong = right.clone()
    wrong[0, 0] = right[0, 1]  # one of nine tokens, ends included
    logits = torch.stack([wrong, right, right])
    mass = batch.spectra.precursor_mass * torch.tensor(
        [[1 + 1e-4], [1 - 2e-5], [1.0]], dtype=torch.float64
    )
    again = refinement_figures(logits[[1, 0, 1]], mass, batch)
    doubled = refinement_figures(logits[:1], 2 * mass[2:], batch)
    figures = {k: float(v) for k, v in refinement_figures(logits, mass, batch).items()}
    assert figures["refinement_accuracy_1"] == pytest.approx(8 / 9)
    assert figures["refinement_accuracy_2"] == 1
    assert figures["refinement_edits_2"] == pytest.approx(1 / 9)
    assert figures["refinement_edits_3"] == 0
    assert again["refinement_edits_2"] == again["refinement_edits_3"] == pytest.approx(1 / 9)
    assert figures["refinement_ppm_1"] == pytest.approx(100, rel=1e-3)
    assert figures["refinement_ppm_2"] == pytest.approx(20, rel=1e-3)
    assert figures["refinement_ppm_3"] == 0
    assert doubled["refinement_ppm_1"] == 1e6  # relative to the precursor
    assert "refinement_edits_1" not in figures
