import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from denovo.metrics import Reliability, brier_score, reliability

# Groups of n answers with the same probability k / n, k of them right.
GROUPS = st.lists(
    st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=8,
)
ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
BINNING = st.sampled_from(["width", "mass"])


def arrays(answers):
    probability, right = zip(*answers, strict=True)
    return np.array(probability, float), np.array(right, bool)


@given(groups=GROUPS, binning=BINNING, n_bins=st.integers(1, 15))
def test_probabilities_that_hold_have_no_error(groups, binning, n_bins):
    probability = np.concatenate([np.full(n, k / n) for k, n in groups])
    is_right = np.concatenate([np.arange(n) < k for k, n in groups])
    found = reliability(probability, is_right, n_bins, binning)
    assert found.expected_error == pytest.approx(0, abs=1e-9)
    assert found.predicted == pytest.approx(found.observed, abs=1e-9)


def test_the_error_of_one_answer_is_its_own():
    assert reliability(np.array([0.25]), np.array([True]), 10, "width").expected_error == 0.75


@given(answers=ANSWERS, binning=BINNING, n_bins=st.integers(1, 15))
def test_every_answer_is_in_one_bin_and_errors_are_shares(answers, binning, n_bins):
    probability, is_right = arrays(answers)
    found = reliability(probability, is_right, n_bins, binning)
    assert found.count.sum() == len(answers)
    assert (found.count * found.observed).sum() == pytest.approx(is_right.sum())
    largest = np.abs(found.predicted - found.observed).max(initial=0)
    assert 0 <= found.expected_error <= largest + 1e-12 <= 1 + 2e-12
    assert (np.diff(found.predicted) > 0).all()
    assert ((found.low <= found.observed + 1e-9) & (found.observed <= found.high + 1e-9)).all()


@given(answers=ANSWERS, n_bins=st.integers(1, 15))
def test_bins_of_equal_width_are_those_of_scikit_learn(answers, n_bins):
    probability, is_right = arrays(answers)
    found = reliability(probability, is_right, n_bins)
    inner = np.linspace(0, 1, n_bins + 1)[1:-1]
    if np.isin(probability, inner).any():
        return  # it puts a probability on a bound into the lower bin
    kept, promised = calibration_curve(is_right, probability, n_bins=n_bins)
    assert found.observed == pytest.approx(kept)
    assert found.predicted == pytest.approx(promised)


def test_there_are_ten_bins_that_hold_their_lower_end_by_default():
    probability = np.arange(20) / 20 + 0.02  # 0.02, 0.07, 0.12, ... 0.97
    found = reliability(probability, probability > 0.4)
    assert found.binning == "width"
    assert found.predicted == pytest.approx(probability.reshape(10, 2).mean(axis=1))
    halves = np.array([0.49, 0.5, 0.51])
    assert reliability(halves, halves > 0).count.tolist() == [1, 2]


def test_bins_of_equal_mass_hold_equally_many():
    probability = np.random.default_rng(0).beta(5, 1, 1000)
    found = reliability(probability, probability > 0.5, n_bins=10, binning="mass")
    assert found.count.tolist() == [100] * 10


def test_an_error_is_as_worked_out_by_hand():
    probability, is_right = np.array([0.9] * 4 + [0.2] * 6), np.array([1, 1, 0, 0] + [0] * 6) > 0
    found = reliability(probability, is_right)
    assert found.count.tolist() == [6, 4]
    assert found.expected_error == pytest.approx(0.4 * 0.4 + 0.6 * 0.2)


@given(answers=ANSWERS)
def test_the_brier_score_is_that_of_scikit_learn(answers):
    probability, is_right = arrays(answers)
    assert brier_score(probability, is_right) == pytest.approx(
        brier_score_loss(is_right, probability)
    )


def test_without_answers_there_is_no_bin_and_no_score():
    nothing = np.array([]), np.array([], bool)
    for binning in ("width", "mass"):
        assert reliability(*nothing, binning=binning).expected_error == 0
    assert np.isnan(brier_score(*nothing))


def test_what_is_no_probability_is_refused():
    for value in (1.2, -0.2, np.nan):
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            reliability(np.array([0.5, value]), np.array([True, True]))
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            brier_score(np.array([0.5, value]), np.array([True, True]))
    with pytest.raises(ValueError, match="at least 1"):
        reliability(np.array([0.5]), np.array([True]), n_bins=0)


def test_what_is_stored_of_a_reliability_is_the_whole_of_it():
    found = reliability(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, True, True, True]))
    again = Reliability.from_state(json.loads(json.dumps(found.state())))
    assert again.state() == found.state()
    assert again.expected_error == found.expected_error
