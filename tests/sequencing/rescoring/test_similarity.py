"""How like a prediction a spectrum is, from 0 to 1."""

import numpy as np
import pytest

from denovo.sequencing.rescoring import Similarity
from denovo.spectra.fragment_matches import IONS


class Ramp:
    """Predicts 1, 2, 3, ... by ordinal for b and y ions, and counts what it is asked."""

    ion_types = ("b", "y")

    def __init__(self):
        self.asked = []

    def predict(self, peptides, charges, alphabet):
        self.asked += list(zip(peptides, charges, strict=True))
        n_sites = [sum(map(str.isupper, text.replace("[UNIMOD:1]-", ""))) - 1 for text in peptides]
        return {ion: [np.arange(1, n + 1, dtype=np.float32) for n in n_sites] for ion in "by"}

    def provenance(self):
        return {}


def observed(*of_ions):
    """Make matches of one peptide from the intensities of its b and y ions by site."""
    intensity = np.zeros((1, len(IONS), len(of_ions[0])))
    intensity[0, : len(of_ions)] = of_ions
    return intensity


@pytest.fixture
def similarity(common):
    return Similarity(Ramp(), common)


def test_a_spectrum_as_predicted_is_all_alike(common, similarity):
    # y ions count from the C-terminus, sites from the N-terminus.
    found = similarity(observed([1, 2, 3], [3, 2, 1]), [common.encode("GASK")], np.array([2]))
    assert found == pytest.approx(1.0, abs=1e-6)


def test_nothing_observed_is_nothing_alike(common, similarity):
    found = similarity(observed([0, 0, 0], [0, 0, 0]), [common.encode("GASK")], np.array([2]))
    assert found == 0


def test_what_is_missing_counts(common, similarity):
    few = similarity(observed([1, 0, 0], [0, 0, 0]), [common.encode("GASK")], np.array([2]))
    # One peak of height 1 where twelve units are predicted: the cosine is the root of 1 / 12.
    assert few == pytest.approx(1 - 2 / np.pi * np.arccos(np.sqrt(1 / 12)))


def test_ions_that_the_simulator_does_not_know_do_not_count(common, similarity):
    found = observed([1, 2, 3], [3, 2, 1], [5, 5, 5], [5, 5, 5])
    assert similarity(found, [common.encode("GASK")], np.array([3])) == pytest.approx(1.0, abs=1e-6)


def test_a_modified_n_terminus_shifts_no_site(common, similarity):
    found = observed([0, 1, 2, 3], [0, 3, 2, 1])
    modified = common.encode("[UNIMOD:1]-GASK")
    assert similarity(found, [modified], np.array([2])) == pytest.approx(1.0, abs=1e-6)


def test_a_precursor_is_predicted_once(common, similarity):
    tokens = common.encode("GASK")
    for charge in (2, 3, 2):
        similarity(observed([1, 2, 3], [3, 2, 1]), [tokens], np.array([charge]))
    assert similarity.simulator.asked == [("GASK", 2), ("GASK", 3)]


def test_peptides_that_the_simulator_does_not_take_are_like_nothing(common, similarity):
    assert similarity(observed([1, 2], [2, 1]), [common.encode("GAK")], np.array([2])) == 0
    assert similarity.simulator.asked == []
