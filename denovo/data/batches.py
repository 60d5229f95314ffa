"""Which spectra stand in which batch: a pure function of seed, batch number and rank."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from torch.utils.data import Dataset, Sampler

from denovo.chemistry import Vocabulary
from denovo.curriculum.stage import Stage
from denovo.errors import InputError
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Int, ndarray


@runtime_checkable
class SpectrumSource(Protocol):
    """Labelled spectra that can be read in any order: read-only, and safe to share with workers."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The table that the tokens of this source are numbered by."""
        ...

    @property
    def lengths(self) -> Int[ndarray, " spectra"]:
        """Residues of each peptide, without a modification of its N-terminus."""
        ...

    def __len__(self) -> int:
        """Return how many spectra there are."""
        ...

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch.

        Parameters
        ----------
        indices : array [batch], int64
            Which spectra, from 0, in any order and with repetition.

        Returns
        -------
        LabelledSpectra
            Peaks in ascending m/z, padded to the longest spectrum of the batch; intensity relative
            to the base peak; canonical tokens.
        """
        ...

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return what to call each spectrum in a report, such as its title."""
        ...


def derive_seed(*parts: int) -> int:
    """Mix integers into one 63-bit seed.

    Parameters
    ----------
    *parts : int
        Such as the seed of the run, the number of the batch and the rank; not negative.

    Returns
    -------
    int
        The same for the same parts; unrelated for others, also if they are neighbours.
    """
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))


_LENGTH_SPREAD = 2.0
"""Residues by which the lengths within a batch may differ beyond what is unavoidable."""


@dataclass(frozen=True)
class BatchKey:
    """Number of a batch and the spectra in it.

    Parameters
    ----------
    number : int
        Batches of this rank before it; ``number // accumulate`` is the optimizer step.
    indices : array [batch], int64
        Rows of the source.
    """

    number: int
    indices: Int[ndarray, " batch"]


@runtime_checkable
class Plan(Protocol):
    """Which spectra stand in which batch."""

    def batch_at(self, number: int, rank: int = 0) -> BatchKey:
        """Return batch ``number`` of a rank; needs no batch before it."""
        ...


class BatchPlan:
    """Draw batches of similar length from the peptides that the stage of their step admits.

    Within one length range every spectrum is seen once before any is seen twice.

    Parameters
    ----------
    lengths : array [spectra], int64
        Residues of each peptide.
    batch_size : int
        Spectra per batch and rank.
    seed : int
        Seed of the run.
    stage_at : callable
        Maps an optimizer step to its `Stage`.
    accumulate : int
        Batches per optimizer step.
    world_size : int
        Number of ranks that share the source.

    Raises
    ------
    InputError
        If a stage admits fewer spectra than one batch holds.
    """

    def __init__(
        self,
        lengths: Int[ndarray, " spectra"],
        batch_size: int,
        seed: int,
        stage_at: Callable[[int], Stage],
        accumulate: int = 1,
        world_size: int = 1,
    ) -> None:
        if batch_size < 1:
            raise InputError(f"the batch size must be at least 1, got {batch_size}")
        self.batch_size, self.seed, self.stage_at = batch_size, seed, stage_at
        self.accumulate, self.world_size = accumulate, world_size
        self._order = np.argsort(lengths, kind="stable")
        self._lengths = lengths[self._order]
        self._epoch = lru_cache(maxsize=4)(self._shuffle)

    def batch_at(self, number: int, rank: int = 0) -> BatchKey:
        """Return batch ``number`` of a rank; needs no batch before it."""
        return BatchKey(number, self.draw(number, self.stage_at(number // self.accumulate), rank))

    def draw(self, number: int, stage: Stage, rank: int = 0) -> Int[ndarray, " batch"]:
        """Return the rows of the batch drawn after ``number`` others, as a stage admits them."""
        low = int(np.searchsorted(self._lengths, stage.min_length, side="left"))
        high = int(np.searchsorted(self._lengths, stage.max_length, side="right"))
        n_batches = (high - low) // (self.batch_size * self.world_size)
        if n_batches == 0:
            raise InputError(
                f"stage {stage.name!r} has {high - low} spectra of {stage.min_length} to "
                f"{stage.max_length} residues, fewer than one batch of "
                f"{self.batch_size * self.world_size}; lower the batch size or add data"
            )
        epoch, place = divmod(number, n_batches)
        chosen = self._epoch(epoch, low, high)[place]
        return self._order[chosen[rank :: self.world_size]]

    def _shuffle(self, epoch: int, low: int, high: int) -> Int[ndarray, "batches rows"]:
        rng = np.random.default_rng(derive_seed(self.seed, epoch, low, high))
        rows = self.batch_size * self.world_size
        n_batches = (high - low) // rows
        similar = self._lengths[low:high] + rng.uniform(0, _LENGTH_SPREAD, high - low)
        by_length = low + np.argsort(similar, kind="stable")
        # What does not fill a batch is left out at either end, another part in every epoch.
        start = rng.integers(0, high - low - n_batches * rows, endpoint=True)
        batches = by_length[start : start + n_batches * rows].reshape(n_batches, rows)
        return rng.permuted(batches, axis=1)[rng.permutation(n_batches)]


class PlanSampler(Sampler[BatchKey]):
    """Hand the batches of a plan to a DataLoader, from the batch where training stands.

    Parameters
    ----------
    plan : Plan
        The plan.
    n_batches : int
        Batches in the whole run.
    first_batch : callable
        Asked at the start of each iteration for the number of the first batch, so that a resumed
        run goes on where it was.
    rank : int
        This process.
    """

    def __init__(
        self, plan: Plan, n_batches: int, first_batch: Callable[[], int], rank: int = 0
    ) -> None:
        self.plan, self.n_batches, self.first_batch, self.rank = plan, n_batches, first_batch, rank

    def __iter__(self) -> Iterator[BatchKey]:
        for number in range(self.first_batch(), self.n_batches):
            yield self.plan.batch_at(number, self.rank)

    def __len__(self) -> int:
        return self.n_batches


class SourceBatches(Dataset[LabelledSpectra]):
    """Read whole batches from a source; holds no state that a stage could change.

    Parameters
    ----------
    source : SpectrumSource
        The spectra.
    """

    def __init__(self, source: SpectrumSource) -> None:
        self.source = source

    def __getitem__(self, key: BatchKey) -> LabelledSpectra:
        batch = self.source.read(key.indices)
        return LabelledSpectra(batch.spectra, batch.tokens, key.number)


class OrderedSampler(Sampler[BatchKey]):
    """Hand out every spectrum once, by length, for validation and test.

    Parameters
    ----------
    lengths : array [spectra], int64
        Residues of each peptide.
    batch_size : int
        Spectra per batch.
    rank, world_size : int
        This process takes every ``world_size``-th spectrum.
    """

    def __init__(
        self, lengths: Int[ndarray, " spectra"], batch_size: int, rank: int = 0, world_size: int = 1
    ) -> None:
        order = np.argsort(lengths, kind="stable")[rank::world_size]
        self._batches = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

    def __iter__(self) -> Iterator[BatchKey]:
        for number, indices in enumerate(self._batches):
            yield BatchKey(number, indices)

    def __len__(self) -> int:
        return len(self._batches)
