import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.training.schedules import warmup_cosine


def rates(total_steps, **options):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=2.0)
    schedule = warmup_cosine(optimizer, total_steps, **options)
    found = []
    for _ in range(total_steps):
        found.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return found


@given(st.integers(1, 60), st.floats(0, 1))
def test_rates_of_any_length_rise_once_and_fall_once(total_steps, warmup_fraction):
    found = rates(total_steps, warmup_fraction=warmup_fraction)
    peak = found.index(max(found))
    assert all(0 < rate <= 2.0 for rate in found)
    assert found[: peak + 1] == sorted(found[: peak + 1])
    assert found[peak:] == sorted(found[peak:], reverse=True)


def test_the_highest_rate_is_that_of_the_optimizer_and_the_last_is_small():
    found = rates(1000)
    assert max(found) == pytest.approx(2.0, rel=1e-3)
    assert found[-1] < 2.0 * 0.0011
    assert found[0] < 2.0 * 0.03
