"""Noise of other peptides consists of their fragments, by pyteomics."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyteomics import mass

from denovo.curriculum import Noise
from denovo.evaluation.spectrum_statistics import measure_spectra
from denovo.noise.distort import distort
from denovo.noise.immonium import immonium_table
from denovo.noise.other_peptides import other_peptide_mz
from denovo.noise.peaks import Draw
from denovo.spectra.batch import LabelledSpectra
from tests.helpers.noise_batches import PEPTIDES, generator, labelled, subject_of

WATER, AMMONIA, CO = 18.0105647, 17.0265491, 27.9949146
LETTERS = "GASPVTLNDQKEMHFRYW"


def fragments(peptide):
    """All fragments of a peptide that may be drawn as noise, singly and doubly charged."""
    n, found = len(peptide), []
    for start in range(n):
        for end in range(start + 1, n + 1):
            for charge in (1, 2):
                whole = mass.fast_mass(peptide[start:end], ion_type="b", charge=charge)
                changes = [0.0, CO, CO + AMMONIA, AMMONIA, WATER]
                changes += [-WATER, AMMONIA - WATER] if end == n else []
                found += [whole - change / charge for change in changes]
    return torch.tensor(found)


@settings(max_examples=15)
@given(st.lists(st.text(LETTERS, min_size=3, max_size=12), min_size=2, max_size=4, unique=True))
def test_peaks_are_fragments_of_the_others_or_tell_of_single_residues(common, peptides):
    annotated = subject_of(labelled(peptides, common), common)
    mz = other_peptide_mz(annotated, 100, Draw(generator(), len(peptides)))
    single = immonium_table(common, mz.device).mz
    for row in range(len(peptides)):
        others = [fragments(other) for k, other in enumerate(peptides) if k != row]
        known = torch.cat([single, *others])
        assert (mz[row][:, None] - known).abs().amin(dim=1).max() < 2e-3


def test_spectra_are_given_different_peaks_of_different_peptides(common):
    annotated = subject_of(labelled(PEPTIDES * 5, common), common)
    mz = other_peptide_mz(annotated, 200, Draw(generator(), 5 * len(PEPTIDES)))
    assert len(mz.unique()) > 400
    assert (mz[0] != mz[6]).float().mean() > 0.8  # the same peptide twice


def test_single_residues_are_those_of_the_batch(common):
    annotated = subject_of(labelled(("GGGGGGK", "WWWWWWR"), common), common)
    mz = other_peptide_mz(annotated, 1000, Draw(generator(), 2)).flatten()
    tryptophan, phenylalanine = 159.0917, 120.0808
    assert ((mz - tryptophan).abs() < 2e-3).any()
    assert not ((mz - phenylalanine).abs() < 2e-3).any()


@pytest.mark.parametrize(("strength", "least", "most"), [(0.0, 0.0, 0.1), (1.0, 0.85, 1.0)])
def test_spectra_stats_tell_fragments_of_other_peptides_from_random_peaks(
    common, strength, least, most
):
    batch = labelled(("GASPVTLNDQK", "MLHDEFRWYQK", "PEPTIDEPEPTIDEK") * 10, common)
    noise = Noise(noisy_fraction=1.0, noise_peaks=80.0, other_peptide_noise=strength)
    noisy = LabelledSpectra(distort(batch, noise, common, generator()), batch.tokens)
    figures = measure_spectra("noisy", [noisy], common, n_peaks=1000).figures
    assert least <= figures["light unexplained peaks like fragments"] <= most
