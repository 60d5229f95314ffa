"""Which answers of a stream are kept to be looked at."""

import random

import pytest

from denovo.errors import InputError
from denovo.reports.showcase import Showcase
from tests.helpers.predictions import answered, spectrum, unanswered


def shown(scores, n_each=4):
    showcase = Showcase(n_each)
    for pair in answered(scores):
        showcase.add(*pair)
    groups = showcase.groups()
    return {name: [entry.prediction.score for entry in kept] for name, kept in groups.items()}


def shuffled(n):
    scores = [k / n for k in range(n)]
    random.Random(3).shuffle(scores)
    return scores


def test_best_and_worst_are_exact_and_the_middle_is_close():
    kept = shown(shuffled(1000))
    assert kept["best"] == [0.999, 0.998, 0.997, 0.996]
    assert kept["worst"] == [0.003, 0.002, 0.001, 0.0]
    assert kept["median"] == sorted(kept["median"], reverse=True)
    assert all(abs(score - 0.5) < 0.1 for score in kept["median"])


def test_memory_does_not_grow_with_the_stream():
    showcase = Showcase(4)
    for pair in answered(shuffled(1000)):
        showcase.add(*pair)
    held = sum(len(part) for part in (showcase._best, showcase._worst, showcase._sample))
    assert held == 4 + 4 + 200


@pytest.mark.parametrize("n", [0, 1, 2, 5, 9, 12, 13])
def test_no_answer_is_shown_twice_and_none_is_left_out_where_there_is_room(n):
    scores = shuffled(n) if n else []
    kept = [score for group in shown(scores).values() for score in group]
    assert len(kept) == len(set(kept)) == min(n, 12)


def test_of_equal_answers_the_first_are_best_and_the_last_are_worst():
    showcase = Showcase(2)
    for pair in answered([0.5] * 20):
        showcase.add(*pair)
    groups = showcase.groups()
    assert [entry.prediction.index for entry in groups["best"]] == [0, 1]
    assert [entry.prediction.index for entry in groups["worst"]] == [18, 19]
    assert len(groups["median"]) == 2


def test_a_spectrum_without_an_answer_is_never_shown():
    showcase = Showcase()
    showcase.add(unanswered(), spectrum())
    assert not any(showcase.groups().values())


def test_a_number_that_the_sample_is_too_small_for_is_refused():
    with pytest.raises(InputError, match="from 1 to 50, got 51"):
        Showcase(51)
