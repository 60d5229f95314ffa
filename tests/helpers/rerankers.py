"""Rerankers whose weights a test has chosen."""

import numpy as np

from denovo.sequencing.rescoring import Reranker
from denovo.sequencing.rescoring.features import LIST_FEATURES


def linear_reranker(names, record=None, **weights):
    """Weigh some features, and let nothing speak for no candidate being right."""
    of_candidates = np.zeros(2 * len(names))
    for name, weight in weights.items():
        of_candidates[names.index(name)] = weight
    n_columns = len(names) + len(LIST_FEATURES)
    outside = np.zeros(n_columns + len(LIST_FEATURES) + 1)
    bounds = np.array([[-1e6] * n_columns, [1e6] * n_columns])
    return Reranker(tuple(names), of_candidates, outside, bounds, record or {})
