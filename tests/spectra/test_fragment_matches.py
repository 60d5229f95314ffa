"""Fragments of several candidates for each spectrum."""

import numpy as np

from denovo.spectra.batch import batch_of
from denovo.spectra.fragment_matches import IONS, FragmentMatches


def batch(spectra):
    return batch_of(spectra, [s.precursor_charge for s in spectra], n_peaks=150)


def matched(vocabulary, spectra, row, peptides):
    tokens = [vocabulary.encode(peptide) for peptide in peptides]
    return FragmentMatches.of(batch(spectra), np.array(row), tokens, vocabulary)


def test_candidates_of_one_spectrum_do_not_disturb_each_other(common, ladder):
    spectra = [ladder("SGATLK"), ladder("PEPTLDEK")]
    together = matched(common, spectra, [0, 0, 1], ["SGATLK", "SAGTLK", "PEPTLDEK"])
    for number, (row, peptide) in enumerate([(0, "SGATLK"), (0, "SAGTLK"), (1, "PEPTLDEK")]):
        alone = matched(common, spectra, [row], [peptide])
        n_sites = alone.is_site.shape[1]
        assert (together.intensity[number, :, :n_sites] == alone.intensity[0]).all()
        assert together.explained_intensity[number] == alone.explained_intensity[0]


def test_intensities_stand_at_their_ion_and_site(common, ladder):
    found = matched(common, [ladder("SGATLK", sites=[2])], [0], ["SGATLK"])
    names = [ion.name for ion in IONS]
    expected = np.zeros_like(found.intensity[0])
    expected[[names.index("b"), names.index("y")], 1] = 1.0
    assert (found.intensity[0] == expected).all()


def test_a_spectrum_without_peaks_matches_nothing(common, ladder):
    spectra = batch([ladder("SGATLK")])
    bare = type(spectra)(**{**vars(spectra), "peak_mask": spectra.peak_mask & False})
    tokens = [common.encode("SGATLK")]
    found = FragmentMatches.of(bare, np.zeros(1, np.int64), tokens, common)
    assert found.site_coverage == 0
    assert found.explained_intensity == 0


def test_no_candidate_at_all_is_no_fault(common, ladder):
    found = matched(common, [ladder("SGATLK")], np.zeros(0, np.int64), [])
    assert len(found.intensity) == 0
