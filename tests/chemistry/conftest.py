"""A hypothesis strategy for peptides."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from denovo.chemistry import FIRST_RESIDUE, Vocabulary


def _tokens_of(
    vocabulary: Vocabulary, min_size: int = 1, max_size: int = 30
) -> st.SearchStrategy[list[int]]:
    """Draw peptides as tokens, now and then with a modification of the N-terminus."""
    everything = range(FIRST_RESIDUE, len(vocabulary))
    terminal = [token for token in everything if vocabulary.is_n_terminal[token]]
    inner = [token for token in everything if token not in terminal]
    body = st.lists(st.sampled_from(inner), min_size=min_size, max_size=max_size)
    starts = st.sampled_from([[], *([token] for token in terminal)])
    return st.builds(lambda start, rest: start + rest, starts, body)


@pytest.fixture(scope="session")
def tokens_of() -> Callable[..., st.SearchStrategy[list[int]]]:
    """Build a strategy that draws peptides of a vocabulary as tokens."""
    return _tokens_of
