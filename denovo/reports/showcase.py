"""Selection of the best, median and worst answers from a stream."""

import heapq
import random
from itertools import count
from statistics import median
from typing import NamedTuple

from denovo.errors import InputError
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction

_N_SAMPLED = 200
"""Size of the random sample that estimates the median, with an error of about 3 % of ranks."""


class Shown(NamedTuple):
    """An answer and its spectrum."""

    prediction: Prediction
    spectrum: MeasuredSpectrum


_Ranked = tuple[float, int, Shown]


class Showcase:
    """Keep the best and the worst answers of a stream, and some with scores near the median.

    Best and worst are exact; of equal scores the first count as the best, the last as the worst.
    The median is that of a random sample, so that a few hundred spectra are held in memory.

    Parameters
    ----------
    n_each : int
        Number of answers of each kind.
    seed : int
        Seed of the sample.

    Raises
    ------
    InputError
        If ``n_each`` is not from 1 to 50.
    """

    def __init__(self, n_each: int = 4, seed: int = 0) -> None:
        if not 1 <= n_each <= _N_SAMPLED // 4:
            raise InputError(f"n_each must be from 1 to {_N_SAMPLED // 4}, got {n_each}")
        self._n_each = n_each
        self._numbers = count()
        self._random = random.Random(seed)
        self._best: list[_Ranked] = []
        self._worst: list[_Ranked] = []
        self._sample: list[_Ranked] = []

    def add(self, prediction: Prediction, spectrum: MeasuredSpectrum) -> None:
        """Add an answer and its spectrum; predictions without an answer are ignored."""
        if not prediction.has_answer:
            return
        number, shown = next(self._numbers), Shown(prediction, spectrum)
        self._keep(self._best, (prediction.score, -number, shown))
        self._keep(self._worst, (-prediction.score, number, shown))
        # Reservoir sampling (Vitter, 1985, algorithm R): all answers have the same probability.
        entry = (prediction.score, number, shown)
        if len(self._sample) < _N_SAMPLED:
            self._sample.append(entry)
        elif (place := self._random.randrange(number + 1)) < _N_SAMPLED:
            self._sample[place] = entry

    def groups(self) -> dict[str, list[Shown]]:
        """Return the answers ``"best"``, ``"median"`` and ``"worst"``, by descending score.

        No answer occurs twice, so that lists are short or empty if there are few answers.
        """
        best = sorted(self._best, key=lambda entry: entry[:2], reverse=True)
        taken = {-number for _, number, _ in best}
        worst = sorted(self._worst, key=lambda entry: entry[:2])
        worst = [entry for entry in worst if entry[1] not in taken]
        taken |= {number for _, number, _ in worst}
        return {
            "best": [shown for *_, shown in best],
            "median": self._nearest(taken),
            "worst": [shown for *_, shown in worst],
        }

    def _keep(self, heap: list[_Ranked], entry: _Ranked) -> None:
        if len(heap) < self._n_each:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def _nearest(self, taken: set[int]) -> list[Shown]:
        if not self._sample:
            return []
        middle = median(score for score, _, _ in self._sample)
        free = [entry for entry in self._sample if entry[1] not in taken]
        nearest = sorted(free, key=lambda entry: (abs(entry[0] - middle), entry[1]))
        chosen = sorted(nearest[: self._n_each], key=lambda entry: (-entry[0], entry[1]))
        return [shown for *_, shown in chosen]
