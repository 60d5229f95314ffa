import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from denovo.metrics import clustered_interval, resampled_sums, wilson_interval

TRIALS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(trials=TRIALS, confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(trials, confidence):
    hits, n = trials
    expected = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    assert wilson_interval(hits, n, confidence) == pytest.approx(expected, abs=1e-12)


def test_without_trials_anything_is_possible():
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert clustered_interval(np.array([], bool), []) == (0.0, 1.0)


@pytest.mark.parametrize("n_hits", [3, -1])
def test_more_hits_than_trials_or_fewer_than_none_are_refused(n_hits):
    with pytest.raises(ValueError, match=f"0 to 2 hits in 2 trials, got {n_hits}"):
        wilson_interval(n_hits, 2)


def test_trials_of_one_cluster_are_worth_one():
    is_hit = np.arange(40) % 4 < 1
    apart = clustered_interval(is_hit, [str(n) for n in range(40)])
    assert apart == pytest.approx(wilson_interval(10, 40))
    assert clustered_interval(is_hit, [str(n // 4) for n in range(40)]) == pytest.approx(
        wilson_interval(2.5, 10)
    )


@pytest.mark.parametrize("n_units", [1, 7, 3000, 10_000])
def test_resampled_sums_are_those_of_units_drawn_at_once(n_units):
    # Units are drawn 8192 at a time at most: one, two and all resamples of the seven together.
    values = np.random.default_rng(1).integers(0, 9, (n_units, 2))
    drawn = np.random.default_rng(5).integers(n_units, size=(7, n_units))
    assert (resampled_sums(values, 7, seed=5) == values[drawn].sum(axis=1)).all()
