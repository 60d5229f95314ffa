"""What is fitted to lists whose truth is known, and how well it is said to hold."""

import numpy as np

from denovo.sequencing.reranking import _fit
from denovo.sequencing.rescoring import ListTable, candidate_features
from denovo.sequencing.rescoring.features import LIST_FEATURES

NAMES = candidate_features(["forward"], has_similarity=False)


def test_the_record_tells_of_lists_that_were_not_fitted_to():
    rng = np.random.default_rng(0)
    n_lists, size = 600, 3
    row = np.repeat(np.arange(n_lists), size)
    table = ListTable(
        row,
        rng.normal(size=(len(row), len(NAMES))),
        rng.normal(size=(n_lists, len(LIST_FEATURES))),
    )
    # Nothing tells the right candidate from the others, and in half of the lists there is none.
    is_right = np.zeros((n_lists, size), dtype=bool)
    is_right[::2, 0] = True
    is_right = rng.permuted(is_right, axis=1).flatten()
    record = _fit(NAMES, table, is_right, {"simulator": "HCD2019"}).record
    assert record["n_held_out"] == record["n_fitted"] == n_lists
    assert record["share_listed"] == 0.5
    # A sixth is right by chance; a fit judged on its own lists would seem to know better.
    assert record["share_right"] < 0.25
    assert record["simulator"] == "HCD2019"
