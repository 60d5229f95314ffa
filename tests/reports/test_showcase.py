"""Which answers of a stream are kept to be looked at."""

import random
from statistics import median

import pytest

from denovo.reports.showcase import Showcase
from tests.helpers.predictions import answered, spectrum, unanswered


def shown(scores, n_each=4):
    showcase = Showcase(median(scores or [0.0]), n_each)
    for pair in answered(scores):
        showcase.add(*pair)
    groups = showcase.groups()
    return {name: [entry.prediction.score for entry in kept] for name, kept in groups.items()}


def shuffled(n):
    scores = [k / n for k in range(n)]
    random.Random(3).shuffle(scores)
    return scores


def test_best_median_and_worst_are_exact():
    kept = shown(shuffled(1000))
    assert kept["best"] == [0.999, 0.998, 0.997, 0.996]
    assert kept["worst"] == [0.003, 0.002, 0.001, 0.0]
    assert kept["median"] == [0.501, 0.5, 0.499, 0.498]


def test_memory_does_not_grow_with_the_stream():
    showcase = Showcase(0.5)
    for pair in answered(shuffled(1000)):
        showcase.add(*pair)
    held = (showcase._best, showcase._worst, showcase._nearest)
    assert [len(part) for part in held] == [4, 4, 12]


@pytest.mark.parametrize("n", [0, 1, 2, 5, 9, 12, 13])
def test_no_answer_is_shown_twice_and_none_is_left_out_where_there_is_room(n):
    scores = shuffled(n) if n else []
    kept = [score for group in shown(scores).values() for score in group]
    assert len(kept) == len(set(kept)) == min(n, 12)


def test_of_equal_answers_the_first_are_best_and_the_last_are_worst():
    showcase = Showcase(0.5, 2)
    for pair in answered([0.5] * 20):
        showcase.add(*pair)
    groups = showcase.groups()
    assert [entry.prediction.index for entry in groups["best"]] == [0, 1]
    assert [entry.prediction.index for entry in groups["worst"]] == [18, 19]
    assert len(groups["median"]) == 2


def test_a_spectrum_without_an_answer_is_never_shown():
    showcase = Showcase(0.5)
    showcase.add(unanswered(), spectrum())
    assert not any(showcase.groups().values())
