import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, average_precision_score, precision_recall_curve

from denovo.metrics import precision_coverage

# Few distinct scores, so that there are ties.
ANSWERS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=40)


def arrays(answers):
    scores, right = zip(*answers, strict=True)
    return np.array(scores, float), np.array(right, bool)


def test_a_small_curve_is_as_worked_out_by_hand():
    scores, right = np.array([0.2, 0.9, 0.5, 0.9]), np.array([False, True, False, True])
    curve = precision_coverage(scores, right, n_possible=5)
    assert curve.threshold.tolist() == [0.9, 0.5, 0.2]
    assert curve.coverage.tolist() == [2 / 5, 3 / 5, 4 / 5]
    assert curve.precision.tolist() == [1.0, 2 / 3, 1 / 2]
    assert curve.recall.tolist() == [2 / 5] * 3
    assert curve.average_precision == pytest.approx((2 + 2 / 3 + 1 / 2) / 5)
    assert curve.area_over_recall == pytest.approx(2 / 5)
    assert [curve.coverage_at(precision) for precision in (0.6, 0.7)] == [3 / 5, 2 / 5]
    assert [curve.coverage_at(precision) for precision in (0.5, 1.0)] == [4 / 5, 2 / 5]  # at least


@given(answers=ANSWERS)
def test_curve_and_area_agree_with_scikit_learn(answers):
    scores, right = arrays([*answers, (5, True)])  # it has no recall without a right one
    curve = precision_coverage(scores, right)
    precision, recall, threshold = precision_recall_curve(right, scores)
    assert curve.threshold == pytest.approx(threshold[::-1])
    assert curve.precision == pytest.approx(precision[-2::-1])
    assert curve.recall == pytest.approx(recall[-2::-1] * right.mean())
    expected = average_precision_score(right, scores) * right.mean()
    assert curve.area_over_recall == pytest.approx(expected)


@given(answers=ANSWERS, n_more=st.integers(0, 20))
def test_precision_times_coverage_is_recall_and_areas_are_shares(answers, n_more):
    scores, right = arrays(answers)
    curve = precision_coverage(scores, right, n_possible=len(scores) + n_more)
    assert curve.precision * curve.coverage == pytest.approx(curve.recall)
    assert 0 <= curve.area_over_recall <= curve.average_precision + 1e-12
    assert curve.average_precision <= curve.coverage[-1] + 1e-12


@given(right=st.lists(st.booleans(), min_size=1, max_size=30))
def test_no_order_is_better_than_right_before_wrong(right):
    found, n = np.array(right), len(right)
    given_order = precision_coverage(np.arange(n, 0.0, -1), found)
    best = precision_coverage(np.arange(n, 0.0, -1), np.sort(found)[::-1])
    assert given_order.average_precision <= best.average_precision + 1e-12
    assert given_order.precision[-1] == best.precision[-1]


def test_the_area_is_that_of_a_trapezoid_where_points_are_many():
    random = np.random.default_rng(0)
    scores = random.random(5000)
    curve = precision_coverage(scores, random.random(5000) < scores)
    expected = auc(curve.coverage, curve.precision)
    assert curve.average_precision == pytest.approx(expected, abs=1e-3)


def test_one_right_answer_covers_everything():
    curve = precision_coverage(np.array([0.5]), np.array([True]))
    assert (curve.coverage.item(), curve.precision.item(), curve.recall.item()) == (1, 1, 1)


def test_without_answers_there_is_no_point_and_no_area():
    curve = precision_coverage(np.array([]), np.array([], bool), n_possible=3)
    assert len(curve.coverage) == 0
    assert (curve.average_precision, curve.coverage_at(0.5)) == (0.0, 0.0)


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        precision_coverage(np.array([np.nan]), np.array([True]))
    with pytest.raises(ValueError, match="at most 1 answers, got 2"):
        precision_coverage(np.array([1.0, 2.0]), np.array([True, True]), n_possible=1)
