import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.models.reading_order import reading_positions


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(0, 3))
def test_reading_twice_restores_the_order(lengths, padding):
    n_residues = torch.tensor(lengths)
    order = reading_positions(n_residues, max(lengths) + 1 + padding, "backward")
    assert (order.gather(1, order) == torch.arange(order.shape[1])).all()


def test_backward_mirrors_residues_and_leaves_the_end():
    assert reading_positions(torch.tensor([3]), 5, "backward").tolist() == [[2, 1, 0, 3, 4]]
    assert reading_positions(torch.tensor([3]), 5, "forward").tolist() == [[0, 1, 2, 3, 4]]
