"""Cleavage sites of known peptides, and the ions that cover them."""

import pytest
import torch
from pyteomics import mass

from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.spectra.fragment_matches import FragmentMatches


def ion(peptide: str, series: str, ordinal: int, shift: float = 0.0) -> float:
    """Compute the m/z of a fragment by pyteomics, ``shift`` in Da for a modification."""
    part = peptide[:ordinal] if series == "b" else peptide[-ordinal:]
    return mass.fast_mass(part, ion_type=series, charge=1) + shift


def batch(vocabulary, peptides, peaks):
    """Make spectra with these peaks of equal height."""
    n_peaks = max(map(len, peaks))
    mz = torch.tensor([sorted(row) + [0.0] * (n_peaks - len(row)) for row in peaks])
    mask = torch.tensor([[place < len(row) for place in range(n_peaks)] for row in peaks])
    rest = torch.full((len(peaks),), 1000.0).double(), torch.full((len(peaks),), 2)
    tokens = pad_tokens([vocabulary.encode(peptide) for peptide in peptides])
    return LabelledSpectra(Spectra(mz, mask.float(), mask, *rest), tokens)


def test_a_site_is_covered_by_a_b_or_a_y_ion(common):
    peaks = [[ion("PEPTIDE", "b", 2), ion("PEPTIDE", "y", 5), ion("PEPTIDE", "y", 1), 150.0], [7.0]]
    found = FragmentMatches.of_batch(batch(common, ["PEPTIDE", "GK"], peaks), common)
    # b2 and y5 cut at the same bond, y1 at the last one.
    assert found.is_covered.astype(int).tolist()[0] == [0, 1, 0, 0, 0, 1, 0]
    assert found.is_site.sum(axis=1).tolist() == [6, 1]
    assert found.site_coverage.tolist() == pytest.approx([2 / 6, 0.0])
    assert found.max_missing_sites.tolist() == [3, 1]


@pytest.mark.parametrize(("ppm", "covered"), [(19, 1), (-19, 1), (21, 0), (-21, 0)])
def test_a_peak_counts_within_20_ppm(common, ppm, covered):
    mz = ion("PEPTIDE", "y", 4) * (1 + 1e-6 * ppm)
    found = FragmentMatches.of_batch(batch(common, ["PEPTIDE"], [[mz]]), common)
    assert int(found.is_covered.sum()) == covered


def test_a_modification_of_the_n_terminus_moves_b_ions_and_adds_no_site(common):
    acetyl = 42.010565
    peaks = [[ion("PEK", "b", 1, acetyl), ion("PEK", "y", 1)], [ion("PEK", "b", 1)]]
    found = FragmentMatches.of_batch(batch(common, ["[UNIMOD:1]-PEK"] * 2, peaks), common)
    assert found.is_site.astype(int).tolist() == [[0, 1, 1, 0]] * 2
    assert found.site_coverage.tolist() == [1.0, 0.0]
    assert found.max_missing_sites.tolist() == [0, 2]


@pytest.mark.parametrize(("charge", "covered"), [(2, 0), (3, 1 / 6)])
def test_a_doubly_charged_ion_covers_a_site_from_charge_three_on(common, charge, covered):
    y2 = (ion("PEPTIDE", "y", 4) + 1.00727646688) / 2
    measured = batch(common, ["PEPTIDE"], [[y2]])
    measured.spectra.precursor_charge.fill_(charge)
    assert FragmentMatches.of_batch(measured, common).site_coverage.item() == pytest.approx(covered)


def test_a_single_residue_has_no_site_to_cover(common):
    found = FragmentMatches.of_batch(batch(common, ["K"], [[100.0]]), common)
    assert (found.site_coverage.item(), found.max_missing_sites.item()) == (1.0, 0)
