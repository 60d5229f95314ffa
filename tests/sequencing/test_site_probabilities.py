"""Probabilities of modification sites: all placements, and sums that are numbers of copies."""

from collections import Counter
from itertools import permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import denovo
from denovo.chemistry import PROTON_MASS, WATER_MASS, ResidueAlphabet, Vocabulary, mass_to_mz
from denovo.sequencing.site_probabilities import placements_of

SITES = ["S", "T", "Y"]


@pytest.fixture(scope="module")
def phospho():
    return denovo.load("phospho")


@given(
    plain=st.lists(st.sampled_from([*"AGLK", *SITES]), min_size=1, max_size=8),
    data=st.data(),
)
def test_placements_are_all_ways_to_choose_the_sites(phospho, plain, data):
    vocabulary = phospho.trained.sequencer.vocabulary
    places = [n for n, letter in enumerate(plain) if letter in SITES]
    chosen = data.draw(st.sets(st.sampled_from(places), max_size=3) if places else st.just(set()))
    names = [f"{x}[UNIMOD:21]" if n in chosen else x for n, x in enumerate(plain)]
    tokens = vocabulary.encode(names)
    found = placements_of(tokens, vocabulary)
    number = comb(len(places), len(chosen))
    assert len(found) == (number if 1 < number <= 100 else 0)
    assert len({tuple(each) for each in found}) == len(found)
    assert not found or tokens in found
    for each in found:
        written = [vocabulary.tokens[token] for token in each]
        assert [name[0] for name in written] == plain
        assert Counter(name[1:] for name in written) == Counter(name[1:] for name in names)


def test_two_modifications_of_the_same_residues_change_places():
    known = {
        "UNIMOD:1": {"name": "Acetyl", "formula": "C2H2O"},
        "UNIMOD:21": {"name": "Phospho", "formula": "HPO3"},
    }
    alphabet = ResidueAlphabet("both", ["G", "S", "S[UNIMOD:1]", "S[UNIMOD:21]"], known)
    vocabulary = Vocabulary(alphabet)
    found = placements_of(vocabulary.encode("S[UNIMOD:21]GS[UNIMOD:1]S"), vocabulary)
    assert {vocabulary.decode(each) for each in found} == {
        f"{first}G{second}{third}"
        for first, second, third in permutations(["S[UNIMOD:21]", "S[UNIMOD:1]", "S"])
    }


def test_thousands_of_placements_are_not_listed(phospho):
    vocabulary = phospho.trained.sequencer.vocabulary
    assert placements_of(vocabulary.encode("S[UNIMOD:21]S" * 15 + "K"), vocabulary) == []


def spectrum_of(model, peptide, n_silent=0):
    """Return a spectrum of all b and y ions but those at some sites from the N-terminus."""
    vocabulary = model.trained.sequencer.vocabulary
    tokens = vocabulary.encode(peptide)
    masses = vocabulary.masses[tokens].numpy()
    prefix = masses.cumsum()[n_silent:-1]
    total = masses.sum() + WATER_MASS
    ions = np.sort(np.concatenate([prefix + PROTON_MASS, total - prefix + PROTON_MASS]))
    return denovo.spectrum(ions, np.ones(len(ions)), mass_to_mz(total, 2), precursor_charge=2)


def answer_to(model, *given_to):
    (found,) = model.sequence([spectrum_of(model, *given_to)]).predictions
    return found


def test_a_site_between_seen_fragments_is_sure(phospho):
    found = answer_to(phospho, "LGS[UNIMOD:21]EATPLSVK")
    assert found.peptide == "LGS[UNIMOD:21]EATPLSVK"
    assert [site.place for site in found.sites] == [3, 6, 9]
    assert [site.residue for site in found.sites] == [
        "S[UNIMOD:21]", "T[UNIMOD:21]", "S[UNIMOD:21]",
    ]  # fmt: skip
    assert found.sites[0].probability > 0.95
    assert sum(site.probability for site in found.sites) == pytest.approx(1.0, abs=1e-3)


def test_of_two_copies_the_probabilities_add_up_to_two(phospho):
    found = answer_to(phospho, "LGS[UNIMOD:21]EAT[UNIMOD:21]PLSVK")
    assert sum(site.probability for site in found.sites) == pytest.approx(2.0, abs=1e-3)


def test_sites_that_no_fragment_separates_are_not_sure(phospho):
    found = answer_to(phospho, "S[UNIMOD:21]TGEAVPLFVK", 2)
    assert {site.place for site in found.sites} == {1, 2}
    assert max(site.probability for site in found.sites) < 0.95


def test_without_a_choice_or_without_rescoring_there_are_no_probabilities(phospho):
    assert answer_to(phospho, "LGS[UNIMOD:21]EAVPLFVK").sites == ()
    spectrum = spectrum_of(phospho, "LGS[UNIMOD:21]EATPLSVK")
    (fast,) = phospho.sequence([spectrum], rescoring="none").predictions
    assert fast.sites == ()
