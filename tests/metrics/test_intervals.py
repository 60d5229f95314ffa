import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from denovo.metrics import ratio_interval, wilson_interval

TRIALS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(trials=TRIALS, confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(trials, confidence):
    hits, n = trials
    expected = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    assert wilson_interval(hits, n, confidence) == pytest.approx(expected, abs=1e-12)


def test_without_trials_anything_is_possible():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert ratio_interval(np.array([], int), np.array([], int)) == (0.0, 1.0)
    assert ratio_interval(np.array([0]), np.array([0])) == (0.0, 1.0)


def test_more_hits_than_trials_are_refused():
    with pytest.raises(ValueError, match="0 to 2 hits in 2 trials, got 3"):
        wilson_interval(3, 2)


def test_the_bootstrap_has_the_width_that_theory_gives():
    # One residue each, independent: the binomial interval, 1.96 sqrt(0.3 * 0.7 / 1000).
    part = np.arange(1000) < 300
    low, high = ratio_interval(part.astype(int), np.ones(1000, int), seed=1)
    assert low == pytest.approx(0.3 - 0.0284, abs=0.004)
    assert high == pytest.approx(0.3 + 0.0284, abs=0.004)


def test_residues_that_are_wrong_together_make_the_interval_wider():
    random = np.random.default_rng(0)
    together = 10 * (random.random(400) < 0.5)
    apart = random.binomial(10, 0.5, 400)
    whole = np.full(400, 10)
    widths = [np.diff(ratio_interval(part, whole))[0] for part in (together, apart)]
    assert widths[0] == pytest.approx(10**0.5 * widths[1], rel=0.2)


def test_equal_seeds_give_equal_intervals():
    part, whole = np.arange(50) % 4, np.full(50, 4)
    assert ratio_interval(part, whole, seed=3) == ratio_interval(part, whole, seed=3)
