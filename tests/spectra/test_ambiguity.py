"""What peaks say about a peptide: sites, intensity, and residues without an order."""

from types import SimpleNamespace

import numpy as np
import pytest

from denovo.spectra.ambiguity import ambiguous_regions
from denovo.spectra.batch import batch_of
from denovo.spectra.fragment_matches import FragmentMatches


def explained(vocabulary, spectra, peptides):
    """Match each peptide with its spectrum: one row for each."""
    batch = batch_of(spectra, [s.precursor_charge for s in spectra], n_peaks=150)
    tokens = [vocabulary.encode(p) for p in peptides]
    matches = FragmentMatches.of(batch, np.arange(len(batch)), tokens, vocabulary)
    return [
        SimpleNamespace(
            is_covered=matches.is_covered[row][matches.is_site[row]],
            site_coverage=matches.site_coverage[row],
            max_missing_sites=matches.max_missing_sites[row],
            explained_intensity=matches.explained_intensity[row],
            regions=regions,
        )
        for row, regions in enumerate(ambiguous_regions(matches, tokens))
    ]


def test_a_complete_ladder_covers_every_site_and_leaves_no_doubt(common, ladder):
    (found,) = explained(common, [ladder("PEPTLDEK")], ["PEPTLDEK"])
    assert found.is_covered.all()
    assert found.site_coverage == 1.0
    assert found.max_missing_sites == 0
    assert found.regions == ()
    # One of its 15 peaks, at 60 Th, is no ion.
    assert found.explained_intensity == pytest.approx(14 / 15, abs=1e-6)


def test_spectra_of_a_batch_are_explained_by_their_own_peptides(common, ladder):
    peptides = ["PEPTLDEK", "[UNIMOD:1]-GASK", "LVNELTEFAK"]
    spectra = [ladder(peptide) for peptide in peptides]
    assert all(found.is_covered.all() for found in explained(common, spectra, peptides))
    shifted = explained(common, spectra, [*peptides[1:], peptides[0]])
    assert max(found.site_coverage for found in shifted) < 0.5


def test_residues_around_a_silent_site_have_no_order(common, ladder):
    (found,) = explained(common, [ladder("SGATLK", sites=[1, 3, 4, 5])], ["SGATLK"])
    assert found.is_covered.tolist() == [True, False, True, True, True]
    assert found.max_missing_sites == 1
    (region,) = found.regions
    assert (region.start, region.end, region.readings) == (2, 3, ("GA", "AG"))


def test_an_order_that_the_peaks_contradict_is_not_offered(common, ladder):
    # The spectrum is that of AG, the answer says GA: the two are not equally good.
    (found,) = explained(common, [ladder("SAGTLK")], ["SGATLK"])
    assert not found.is_covered[1]
    assert found.regions == ()


def test_equal_residues_have_no_order_to_doubt(common, ladder):
    (found,) = explained(common, [ladder("SGGTLK", sites=[1, 3, 4, 5])], ["SGGTLK"])
    assert found.regions == ()


def test_long_silent_stretches_are_named_without_listing_their_orders(common, ladder):
    (found,) = explained(common, [ladder("SGAVTLK", sites=[1, 6])], ["SGAVTLK"])
    (region,) = found.regions
    assert (region.start, region.end, region.readings) == (2, 6, ())
    assert found.max_missing_sites == 4


def test_a_modified_terminus_counts_with_its_first_residue(common, ladder):
    (found,) = explained(common, [ladder("[UNIMOD:1]-GASK", sites=[2, 3])], ["[UNIMOD:1]-GASK"])
    assert len(found.is_covered) == 3
    (region,) = found.regions
    assert (region.start, region.end, region.readings) == (1, 2, ("GA", "AG"))


@pytest.mark.parametrize(("charge", "covered"), [(2, False), (3, True)])
def test_doubly_charged_fragments_count_from_charge_three_on(common, ladder, charge, covered):
    spectrum = ladder("PEPTLDEK", charge=charge)
    doubly = (spectrum.mz[1:] + 1.007276466) / 2
    spectrum = type(spectrum)(**{**vars(spectrum), "mz": np.concatenate([[60.0], doubly])})
    (found,) = explained(common, [spectrum], ["PEPTLDEK"])
    assert bool(found.is_covered.all()) is covered


def test_a_single_residue_has_nothing_to_explain(common, ladder):
    (found,) = explained(common, [ladder("GK")], ["K"])
    assert found.site_coverage == 1.0
    assert found.max_missing_sites == 0
