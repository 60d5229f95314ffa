import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.chemistry import Vocabulary
from denovo.decoding import ReachableMasses, reachable_masses

CPU = torch.device("cpu")
MOST = 900.0

alphabets = st.lists(st.floats(40, 190), min_size=1, max_size=4)
modifications = st.lists(st.floats(-35, 45), max_size=2)


def all_sums(masses, optional, limit):
    """Every sum of residues and at most one modification up to a limit, by enumeration."""
    found = [
        sum(chosen) + once
        for n in range(int((limit + 40) / min(masses)) + 1)
        for chosen in itertools.combinations_with_replacement(masses, n)
        for once in (0.0, *optional)
    ]
    return np.array([mass for mass in sorted(found) if mass <= limit])


def is_reachable(table: ReachableMasses, low, high):
    return table.any_between(*(torch.as_tensor(x, dtype=torch.float64) for x in (low, high)))


@settings(max_examples=25)
@given(alphabets, modifications, st.floats(0, 0.5))
def test_a_window_that_holds_a_sum_is_never_called_dead(masses, optional, width):
    table = ReachableMasses.of(masses, optional, max_mass=MOST)
    sums = all_sums(masses, optional, MOST)
    for part in (0.0, 0.5, 1.0):
        assert is_reachable(table, sums - part * width, sums + (1 - part) * width).all()


@settings(max_examples=25)
@given(alphabets, modifications, st.floats(0.001, 0.5), st.integers(0, 2**32 - 1))
def test_a_window_called_reachable_holds_a_sum_but_for_the_rounding(masses, optional, width, seed):
    table = ReachableMasses.of(masses, optional, max_mass=MOST)
    sums = all_sums(masses, optional, MOST)
    low = np.random.default_rng(seed).uniform(0, MOST - 40, 2000)
    alive = is_reachable(table, low, low + width).numpy()
    # The grid moves 900 Da by less than 1.2 mDa: 0.05 mDa in 40 Da at worst.
    for slack, ends in ((0.0025, MOST - 40), (1e-8, 600.0)):
        near = np.searchsorted(sums, low - slack) < np.searchsorted(sums, low + width + slack)
        assert not (alive & ~near)[low < ends].any()


def test_between_glycine_and_alanine_there_is_nothing(canonical):
    table = reachable_masses(canonical, False, CPU)
    glycine, alanine, two_glycines = 57.02146, 71.03711, 114.04293
    windows = [0.0, glycine, alanine, two_glycines]
    assert is_reachable(table, np.array(windows) - 0.001, np.array(windows) + 0.001).all()
    assert not is_reachable(table, [0.01, 57.1, 99.2], [57.0, 71.0, 101.0]).any()


def test_a_modification_counts_once():
    table = ReachableMasses.of([100.0], [-17.0, 42.0], max_mass=MOST)
    once, twice = [83.0, 142.0, -17.0, 183.0, 200.0], [66.0, 125.0, 184.0, -34.0, 166.0]
    assert is_reachable(table, once, once).all()
    assert not is_reachable(table, twice, twice).any()


def test_beyond_the_table_everything_counts_as_reachable(canonical):
    table = reachable_masses(canonical, False, CPU)
    assert is_reachable(table, [6000.0, 1e9], [6000.0, 1e9]).all()
    lightened = ReachableMasses.of([100.0], [-17.0], max_mass=MOST)
    assert is_reachable(lightened, [983.0, 883.5], [983.0, 883.5]).all()


@given(st.data())
def test_what_is_left_of_a_peptide_can_be_reached(vocabulary: Vocabulary, data):
    is_n_terminal = vocabulary.is_n_terminal
    residues = torch.nonzero(vocabulary.is_residue & ~is_n_terminal).flatten().tolist()
    peptide = data.draw(st.lists(st.sampled_from(residues), min_size=1, max_size=30))
    first = data.draw(
        st.sampled_from([[], *([t] for t in is_n_terminal.nonzero().flatten().tolist())])
    )
    behind = vocabulary.masses[peptide].flip(0).cumsum(0)
    before = vocabulary.masses[first + peptide].cumsum(0)[len(first) :]
    assert reachable_masses(vocabulary, False, CPU).any_between(behind, behind).all()
    assert reachable_masses(vocabulary, True, CPU).any_between(before, before).all()


def test_the_table_of_a_vocabulary_is_made_once(canonical):
    again = Vocabulary(canonical.alphabet)
    assert reachable_masses(canonical, False, CPU) is reachable_masses(again, False, CPU)


@pytest.mark.parametrize("masses", [[], [0.0, 57.0]])
def test_an_alphabet_that_cannot_be_added_up_is_a_fault(masses):
    with pytest.raises(AssertionError):
        ReachableMasses.of(masses)
