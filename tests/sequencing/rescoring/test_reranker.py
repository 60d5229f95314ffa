"""A choice between candidates whose probabilities hold what they promise."""

import json

import numpy as np
import pytest

from denovo.errors import InputError
from denovo.sequencing.rescoring import ListTable, Reranker
from denovo.sequencing.rescoring.features import LIST_FEATURES

NAMES = ("first", "second")


def drawn(n_lists=2000, size=4, seed=0):
    """Lists whose truth is drawn by a known choice model, where none may be right."""
    rng = np.random.default_rng(seed)
    row = np.repeat(np.arange(n_lists), size)
    features = rng.normal(size=(len(row), 2))
    table = ListTable(row, features, rng.normal(size=(n_lists, len(LIST_FEATURES))))
    utility = np.exp(2 * features[:, 0] - features[:, 1]).reshape(n_lists, size)
    # The best of the first feature speaks for a truth in the list.
    none = np.exp(1.0 - features[:, 0].reshape(n_lists, size).max(axis=1, keepdims=True))
    share = np.concatenate([utility, none], axis=1)
    share /= share.sum(axis=1, keepdims=True)
    choice = (rng.random((n_lists, 1)) > share.cumsum(axis=1)).sum(axis=1)
    is_right = np.zeros((n_lists, size + 1), dtype=bool)
    is_right[np.arange(n_lists), choice] = True
    return table, is_right[:, :size].flatten(), share[:, :size].flatten()


@pytest.fixture(scope="module")
def fitted():
    table, is_right, _ = drawn()
    return Reranker.fit(NAMES, table, is_right, {"spectra": "drawn"})


def test_probabilities_are_those_that_the_truth_was_drawn_by(fitted):
    table, _, share = drawn(seed=1)
    found = fitted.probabilities(table)
    assert np.abs(found - share).mean() < 0.03


def test_probabilities_of_a_list_leave_room_for_no_candidate_being_right(fitted):
    table, _, share = drawn(seed=2)
    total = np.bincount(table.row, fitted.probabilities(table))
    assert (total < 1).all()
    assert total.mean() == pytest.approx(np.bincount(table.row, share).mean(), abs=0.02)


def test_neither_order_nor_company_changes_the_probabilities_of_a_list(fitted):
    table, _, _ = drawn(n_lists=3)
    expected = fitted.probabilities(table)
    for number in range(3):
        alone = table.select(np.arange(3) == number)
        assert fitted.probabilities(alone) == pytest.approx(expected[table.row == number])
    joined = ListTable.join([table.select(np.arange(3) < 1), table.select(np.arange(3) >= 1)])
    assert fitted.probabilities(joined) == pytest.approx(expected)


def test_a_list_without_candidates_is_no_fault(fitted):
    table, _, _ = drawn(n_lists=2)
    first = table.row == 0
    sparse = ListTable(table.row[first], table.features[first], table.list_features)
    assert len(fitted.probabilities(sparse)) == 4


def test_state_is_plain_and_comes_back(fitted):
    state = json.loads(json.dumps(fitted.state()))
    again = Reranker.from_state(state, NAMES)
    table, _, _ = drawn(n_lists=5)
    assert (again.probabilities(table) == fitted.probabilities(table)).all()


@pytest.mark.parametrize(
    "change", [{"features": ["first"]}, {"weights": [1.0]}, {"outside": None}, {"bounds": [0.0]}]
)
def test_a_state_of_other_features_is_refused(fitted, change):
    with pytest.raises(InputError, match="another version"):
        Reranker.from_state(fitted.state() | change, NAMES)


def test_what_lies_beyond_the_lists_of_the_fit_counts_as_their_end(fitted):
    table, _, _ = drawn(n_lists=5)
    lowest, highest = fitted.bounds
    far = ListTable(table.row, table.features + 1e6, table.list_features - 1e6)
    end = ListTable(
        table.row,
        np.tile(highest[: len(NAMES)], (len(table.row), 1)),
        np.tile(lowest[len(NAMES) :], (table.n_lists, 1)),
    )
    assert fitted.probabilities(far) == pytest.approx(fitted.probabilities(end))


def test_truth_in_too_few_lists_is_a_fault():
    table, is_right, _ = drawn(n_lists=100)
    with pytest.raises(InputError, match="0 of 100 spectra"):
        Reranker.fit(NAMES, table, is_right & False, {})
