"""Selection of the best, median and worst answers from a stream."""

import heapq
from itertools import count
from typing import NamedTuple

from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.prediction import Prediction


class Shown(NamedTuple):
    """An answer and its spectrum."""

    prediction: Prediction
    spectrum: MeasuredSpectrum


_Ranked = tuple[float, int, Shown]


class Showcase:
    """Keep the best and the worst answers of a stream, and those with scores nearest the median.

    Of equal scores the first count as the best, the last as the worst. A few spectra are held in
    memory, whatever the length of the stream.

    Parameters
    ----------
    median : float
        Median score of all answers.
    n_each : int
        Number of answers of each kind, at least 1.
    """

    def __init__(self, median: float, n_each: int = 4) -> None:
        assert n_each >= 1, f"n_each must be at least 1, got {n_each}"
        self._median, self._n_each = median, n_each
        self._numbers = count()
        self._best: list[_Ranked] = []
        self._nearest: list[_Ranked] = []
        self._worst: list[_Ranked] = []

    def add(self, prediction: Prediction, spectrum: MeasuredSpectrum) -> None:
        """Add an answer and its spectrum; predictions without an answer are ignored."""
        if not prediction.has_answer:
            return
        number, score = next(self._numbers), prediction.score
        shown = Shown(prediction, spectrum)
        _keep(self._best, (score, -number, shown), self._n_each)
        _keep(self._worst, (-score, number, shown), self._n_each)
        # Three times as many, as the best and the worst may be among them.
        _keep(self._nearest, (-abs(score - self._median), -number, shown), 3 * self._n_each)

    @property
    def best(self) -> Prediction | None:
        """The answer with the highest score; None without answers."""
        return max(self._best)[2].prediction if self._best else None

    def groups(self) -> dict[str, list[Shown]]:
        """Return the answers ``"best"``, ``"median"`` and ``"worst"``, by descending score.

        No answer occurs twice, so that lists are short or empty if there are few answers.
        """
        best = sorted(self._best, reverse=True)
        taken = {-number for _, number, _ in best}
        worst = [entry for entry in sorted(self._worst) if entry[1] not in taken]
        taken |= {number for _, number, _ in worst}
        nearest = [entry for entry in sorted(self._nearest, reverse=True) if -entry[1] not in taken]
        median = sorted(nearest[: self._n_each], key=lambda each: (-each[2][0].score, -each[1]))
        names = ("best", "median", "worst")
        groups = zip(names, (best, median, worst), strict=True)
        return {name: [shown for *_, shown in entries] for name, entries in groups}


def _keep(heap: list[_Ranked], entry: _Ranked, n: int) -> None:
    if len(heap) < n:
        heapq.heappush(heap, entry)
    else:
        heapq.heappushpop(heap, entry)
