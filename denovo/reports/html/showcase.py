"""Some answers to look at, chosen while they stream by: the best, the middling, the worst."""

import heapq
import random
from itertools import count
from statistics import median
from typing import NamedTuple

from denovo.errors import InputError
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction

_N_SAMPLED = 200
"""Answers that stand for all when the middle is looked for; it is missed by some 3 % of ranks."""


class Shown(NamedTuple):
    """An answer and the spectrum it was read from."""

    prediction: Prediction
    spectrum: MeasuredSpectrum


_Ranked = tuple[float, int, Shown]


class Showcase:
    """Keeps the best and the worst answers of a stream, and some from around its middle.

    Best and worst are exact; of answers with equal scores the first are the best, and the last the
    worst. The middle is that of a random sample. Memory holds a few hundred spectra, however long
    the stream is.

    Parameters
    ----------
    n_each : int
        Answers of each kind.
    seed : int
        Of the sample.

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
        """Look at an answer; one that is none is passed over.

        Parameters
        ----------
        prediction : Prediction
            What was read.
        spectrum : MeasuredSpectrum
            What it was read from.
        """
        if not prediction.has_answer:
            return
        number, shown = next(self._numbers), Shown(prediction, spectrum)
        self._keep(self._best, (prediction.score, -number, shown))
        self._keep(self._worst, (-prediction.score, number, shown))
        # Every answer so far is in the sample with the same chance (Vitter, 1985, algorithm R).
        entry = (prediction.score, number, shown)
        if len(self._sample) < _N_SAMPLED:
            self._sample.append(entry)
        elif (place := self._random.randrange(number + 1)) < _N_SAMPLED:
            self._sample[place] = entry

    def groups(self) -> dict[str, list[Shown]]:
        """Return what was kept, no answer twice.

        Returns
        -------
        dict of str to list of Shown
            ``"best"``, ``"middling"`` and ``"worst"``, each from the highest score down; lists may
            be short or empty where there were few answers.
        """
        best = sorted(self._best, key=lambda entry: entry[:2], reverse=True)
        taken = {-number for _, number, _ in best}
        worst = sorted(self._worst, key=lambda entry: entry[:2])
        worst = [entry for entry in worst if entry[1] not in taken]
        taken |= {number for _, number, _ in worst}
        return {
            "best": [shown for *_, shown in best],
            "middling": self._middling(taken),
            "worst": [shown for *_, shown in worst],
        }

    def _keep(self, heap: list[_Ranked], entry: _Ranked) -> None:
        if len(heap) < self._n_each:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def _middling(self, taken: set[int]) -> list[Shown]:
        if not self._sample:
            return []
        middle = median(score for score, _, _ in self._sample)
        free = [entry for entry in self._sample if entry[1] not in taken]
        nearest = sorted(free, key=lambda entry: (abs(entry[0] - middle), entry[1]))
        chosen = sorted(nearest[: self._n_each], key=lambda entry: (-entry[0], entry[1]))
        return [shown for *_, shown in chosen]
