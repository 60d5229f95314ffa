import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.metrics import q_values
from denovo.metrics.false_discovery import FDR_LEVELS

PROBABILITIES = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.5, 0.9, 1.0]), max_size=40)


def test_small_lists_are_as_worked_out_by_hand():
    assert q_values(np.array([0.5, 1.0, 0.9])) == pytest.approx([0.2, 0.0, 0.05])
    assert q_values(np.array([0.0, 0.2])) == pytest.approx([0.9, 0.8])
    assert q_values(np.array([0.8, 0.9, 0.8])) == pytest.approx([0.5 / 3, 0.1, 0.5 / 3])


@given(probabilities=PROBABILITIES)
def test_they_stay_between_0_and_1_and_never_fall_as_the_probability_falls(probabilities):
    probability = np.array(probabilities, float)
    found = q_values(probability)
    assert ((found >= 0) & (found <= 1)).all()
    ranked = found[np.argsort(-probability, kind="stable")]
    assert (np.diff(ranked) >= 0).all()


@given(probabilities=PROBABILITIES, seed=st.integers(0, 99))
def test_they_depend_on_the_probability_alone_and_not_on_the_order(probabilities, seed):
    probability = np.array(probabilities, float)
    order = np.random.default_rng(seed).permutation(len(probability))
    assert q_values(probability)[order] == pytest.approx(q_values(probability[order]))
    by_probability: dict[float, float] = {}
    for p, q in zip(probability, q_values(probability), strict=True):
        assert by_probability.setdefault(p, q) == q


@given(probabilities=PROBABILITIES)
def test_an_answer_is_never_less_trusted_than_it_is_by_itself(probabilities):
    probability = np.array(probabilities, float)
    assert (q_values(probability) <= 1 - probability + 1e-12).all()


def test_they_meet_the_share_of_wrong_answers_where_probabilities_are_true():
    random = np.random.default_rng(0)
    probability = random.beta(2, 1, 50_000)
    is_right = random.random(50_000) < probability
    accepted = q_values(probability) <= 0.1
    assert accepted.sum() > 1000
    assert (~is_right[accepted]).mean() == pytest.approx(0.1, abs=0.005)


def test_what_is_no_probability_is_refused():
    for value in (1.5, -0.1, np.nan):
        with pytest.raises(ValueError, match=r"in \[0, 1\]"):
            q_values(np.array([0.5, value]))


def test_answers_are_counted_at_1_5_and_10_percent_of_errors():
    assert [f"{level:.0%}" for level in FDR_LEVELS] == ["1%", "5%", "10%"]
    assert pytest.approx([0.01, 0.05, 0.1]) == FDR_LEVELS
