"""Fragments of a cleavage and their complements, whose charges make those of the precursor."""

import pytest
import torch
from pyteomics import mass

from denovo.noise.peaks import Draw
from denovo.noise.predicted_peaks import with_complements
from denovo.spectra.batch import LabelledSpectra, Spectra
from tests.helpers.noise_batches import generator, labelled

PEPTIDE, CUT = "SAMPLEVVDR", 4


def ion(kind, charge):
    part = PEPTIDE[:CUT] if kind == "b" else PEPTIDE[CUT:]
    return mass.fast_mass(part, ion_type=kind, charge=charge)


def one_peak(common, kind, charge, precursor_charge, n=200):
    """Spectra that show a single ion of a peptide."""
    tokens = torch.tensor([*common.encode(PEPTIDE), 2])[None].repeat(n, 1)
    mz = torch.full((n, 1), ion(kind, charge), dtype=torch.float32)
    total = torch.full((n,), mass.fast_mass(PEPTIDE), dtype=torch.float64)
    charges = torch.full((n,), precursor_charge)
    return LabelledSpectra(Spectra(mz, torch.ones(n, 1), mz > 0, total, charges), tokens)


@pytest.mark.parametrize(
    ("shown", "precursor_charge", "complement"),
    [
        (("y", 1), 1, ("b", 1)),
        (("y", 1), 2, ("b", 1)),
        (("b", 1), 2, ("y", 1)),
        (("y", 2), 3, ("b", 1)),
        (("y", 1), 3, ("b", 2)),
        (("b", 2), 4, ("y", 2)),
        (("y", 1), 4, None),
        (("y", 2), 2, None),
    ],
)
def test_the_other_fragment_takes_the_other_charges(common, shown, precursor_charge, complement):
    batch = one_peak(common, *shown, precursor_charge)
    strength = torch.ones(len(batch), 1)
    after = with_complements(batch, strength, common, Draw(generator(), len(batch))).spectra
    expected = [ion(*each) for each in (shown, complement) if each]
    for row in range(len(batch)):
        mz = after.mz[row][after.peak_mask[row]].tolist()
        assert mz == pytest.approx(sorted(expected), abs=2e-3)
    if complement:
        ratio = after.intensity.amin(dim=1)
        assert 0.4 < ratio.median() < 0.9  # about as high


def test_higher_ions_stay_and_nothing_changes_at_strength_0(common):
    batch = labelled([PEPTIDE] * 20, common)
    draw = Draw(generator(), len(batch))
    clean = batch.spectra
    same = with_complements(batch, torch.zeros(len(batch), 1), common, draw).spectra
    assert torch.equal(same.mz, clean.mz)
    assert torch.allclose(same.intensity, clean.intensity)
    raised = with_complements(batch, torch.ones(len(batch), 1), common, draw).spectra
    assert torch.equal(raised.mz, clean.mz)
    relative = raised.intensity / raised.intensity[clean.intensity == 1].view(-1, 1)
    assert (relative >= clean.intensity * 0.999).all()
