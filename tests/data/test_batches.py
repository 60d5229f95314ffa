import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.curriculum import Curriculum
from denovo.data.batches import BatchPlan, PlanSampler, ordered_batches
from denovo.errors import InputError

LENGTHS = np.random.default_rng(0).integers(7, 21, 1000)


def curriculum(**first):
    stages = [
        {"name": "short", "start": 0, "end": 50, "weights": {"token": 1.0}, **first},
        {"name": "all", "start": 50, "end": 100, "max_length": 20},
    ]
    return Curriculum(stages)


def plan(**changes):
    settings = {"batch_size": 16, "seed": 0, "stage_at": curriculum(max_length=12).stage_at}
    return BatchPlan(LENGTHS, **(settings | changes))


@given(st.integers(0, 99), st.integers(0, 3))
def test_a_batch_needs_no_batch_before_it(number, rank):
    fresh = plan(world_size=4).batch_at(number, rank).indices
    used = plan(world_size=4)
    for other in (3, 77, number + 1):
        used.batch_at(other, rank)
    assert (used.batch_at(number, rank).indices == fresh).all()


def test_other_seeds_give_other_batches():
    assert (plan(seed=0).batch_at(5).indices != plan(seed=1).batch_at(5).indices).any()


def test_only_peptides_that_the_stage_admits_are_shown():
    batches = plan()
    assert all(LENGTHS[batches.batch_at(n).indices].max() <= 12 for n in range(50))
    assert max(LENGTHS[batches.batch_at(n).indices].max() for n in range(50, 100)) > 12


def test_each_spectrum_is_seen_once_before_any_is_seen_twice():
    batches = plan(stage_at=curriculum(max_length=20).stage_at)
    per_epoch = len(LENGTHS) // 16
    first = np.concatenate([batches.batch_at(n).indices for n in range(per_epoch)])
    second = np.concatenate([batches.batch_at(per_epoch + n).indices for n in range(per_epoch)])
    assert len(set(first)) == len(first) == per_epoch * 16
    assert len(set(second)) == len(second)
    assert (first != second).any()


def test_peptides_of_a_batch_are_of_similar_length():
    batches = plan(stage_at=curriculum(max_length=20).stage_at)
    spans = [np.ptp(LENGTHS[batches.batch_at(n).indices]) for n in range(60)]
    assert max(spans) <= 3


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(0, 30))
def test_ranks_share_a_batch_without_overlap(world_size, number):
    ranks = [plan(world_size=world_size).batch_at(number, r).indices for r in range(world_size)]
    everything = np.concatenate(ranks)
    assert len(set(everything)) == 16 * world_size


def test_accumulated_batches_belong_to_one_step():
    batches = plan(accumulate=2)
    assert LENGTHS[batches.batch_at(99).indices].max() <= 12  # step 49
    assert max(LENGTHS[batches.batch_at(n).indices].max() for n in range(100, 160)) > 12


def test_a_stage_with_too_few_spectra_is_named():
    with pytest.raises(InputError, match=r"'short'.*fewer than one batch of 5000"):
        plan(batch_size=5000).batch_at(0)


def test_a_resumed_sampler_goes_on_where_training_stood():
    batches = plan()
    whole = list(PlanSampler(batches, 20, lambda: 0))
    rest = list(PlanSampler(batches, 20, lambda: 13))
    assert [key.number for key in rest] == list(range(13, 20))
    for one, other in zip(whole[13:], rest, strict=True):
        assert (one.indices == other.indices).all()


@given(st.integers(1, 3), st.integers(1, 200))
def test_evaluation_shows_every_spectrum_once(world_size, batch_size):
    samplers = [ordered_batches(LENGTHS, batch_size, r, world_size) for r in range(world_size)]
    seen = np.concatenate([key.indices for sampler in samplers for key in sampler])
    assert sorted(seen) == list(range(len(LENGTHS)))
