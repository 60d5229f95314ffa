"""Spectra of two kinds as one source, and batches of either kind in turn."""

import math

import numpy as np

from denovo.curriculum import Stage
from denovo.data.batches import BatchKey, BatchPlan
from denovo.data.source import SpectrumSource
from denovo.spectra import LabelledSpectra
from denovo.typing import Int, ndarray


class ChosenSpectra:
    """Some rows of a `SpectrumSource`, in their order.

    Parameters
    ----------
    source : SpectrumSource
        All rows.
    rows : array [chosen], int64
        Which of them.
    """

    def __init__(self, source: SpectrumSource, rows: Int[ndarray, " chosen"]) -> None:
        self.source, self.rows = source, rows
        self.vocabulary, self.lengths = source.vocabulary, source.lengths[rows]

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch, as `SpectrumSource.read` describes."""
        return self.source.read(self.rows[indices])

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return what to call spectra."""
        return self.source.identifiers(self.rows[indices])


class MixedSpectra:
    """Simulated spectra, and behind them measured ones; a batch holds one kind alone.

    Parameters
    ----------
    simulated, measured : SpectrumSource
        The two parts.
    """

    def __init__(self, simulated: SpectrumSource, measured: SpectrumSource) -> None:
        simulated.vocabulary.check_same(
            measured.vocabulary, "the simulated spectra", "the measured ones"
        )
        self.simulated, self.measured = simulated, measured
        self.vocabulary = simulated.vocabulary
        self.lengths = np.concatenate([simulated.lengths, measured.lengths])

    def __len__(self) -> int:
        return len(self.lengths)

    def _of(self, indices: Int[ndarray, " batch"]) -> tuple[SpectrumSource, Int[ndarray, " batch"]]:
        behind = indices >= len(self.simulated)
        assert behind.all() or not behind.any(), "a batch must be of one kind"
        if behind.any():
            return self.measured, indices - len(self.simulated)
        return self.simulated, indices

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra of one kind as one batch, as `SpectrumSource.read` describes."""
        source, rows = self._of(indices)
        return source.read(rows)

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return what to call spectra of one kind."""
        source, rows = self._of(indices)
        return source.identifiers(rows)


class MixedPlan:
    """Let batches of measured and of simulated spectra take turns, at a share.

    Parameters
    ----------
    simulated, measured : BatchPlan
        Plans of the two kinds.
    n_simulated : int
        Rows of the source before the first measured one.
    share : float
        Share of the batches that are measured, in [0, 1].
    """

    def __init__(
        self, simulated: BatchPlan, measured: BatchPlan, n_simulated: int, share: float
    ) -> None:
        self.simulated, self.measured = simulated, measured
        self.n_simulated, self.share = n_simulated, share

    def batch_at(self, number: int, rank: int = 0) -> BatchKey:
        """Return batch ``number`` of a rank; needs no batch before it."""
        plan = self.simulated
        stage: Stage = plan.stage_at(number // plan.accumulate)
        n_measured = measured_before(number, self.share)
        if is_measured(number, self.share):
            rows = self.measured.draw(n_measured, stage, rank) + self.n_simulated
        else:
            rows = plan.draw(number - n_measured, stage, rank)
        return BatchKey(number, rows)


def measured_before(number: int, share: float) -> int:
    """Count the measured batches before a batch: its number times the share, rounded down."""
    # Rounded, so that 0.1 * 30 is 3 and not a hair less.
    return math.floor(round(number * share, 6))


def is_measured(number: int, share: float) -> bool:
    """Tell whether a batch is of measured spectra."""
    return measured_before(number + 1, share) > measured_before(number, share)
