import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.models.embeddings import SinusoidalEmbedding


@given(st.floats(min_value=50, max_value=5000))
def test_masses_one_millidalton_apart_are_separable(mass):
    embedding = SinusoidalEmbedding(32)
    one, other = embedding(torch.tensor([mass, mass + 0.001], dtype=torch.float64))
    # Features lie in [-1, 1]; some of them must move by a good part of that range.
    assert (one - other).abs().max() > 0.3


def test_embedding_is_bounded_and_float32():
    embedded = SinusoidalEmbedding(16)(torch.linspace(0, 5000, 100, dtype=torch.float64))
    assert embedded.dtype == torch.float32
    assert embedded.abs().max() <= 1


def test_an_odd_width_is_refused():
    with pytest.raises(ValueError, match="even"):
        SinusoidalEmbedding(7)
