"""Composition of batches: a pure function of seed, batch number and rank."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from torch.utils.data import Dataset, Sampler

from denovo.chemistry import Vocabulary
from denovo.curriculum.stage import Stage
from denovo.errors import InputError, check_at_least
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Int, ndarray


@runtime_checkable
class SpectrumSource(Protocol):
    """Labelled spectra with random access: read-only, and safe to share with workers."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Vocabulary of the tokens."""
        ...

    @property
    def lengths(self) -> Int[ndarray, " spectra"]:
        """Number of residues of each peptide."""
        ...

    def __len__(self) -> int:
        """Return the number of spectra."""
        ...

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch.

        Parameters
        ----------
        indices : array [batch], int64
            Numbers of the spectra, from 0, in any order and with repetition.

        Returns
        -------
        LabelledSpectra
            Peaks in ascending m/z, padded to the longest spectrum of the batch; intensity relative
            to the base peak; canonical tokens.
        """
        ...

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return a name of each spectrum for reports, such as its title."""
        ...


def derive_seed(*parts: int) -> int:
    """Mix non-negative integers, such as seed, batch number and rank, into one 63-bit seed.

    Equal parts give equal seeds; different parts, even neighbours, give unrelated seeds.
    """
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))


_LENGTH_SPREAD = 2.0
"""Random spread in residues that is added to the lengths before sorting."""


@dataclass(frozen=True)
class BatchKey:
    """Rows of a batch, and its number on this rank; the step is ``number // accumulate``."""

    number: int
    indices: Int[ndarray, " batch"]


@runtime_checkable
class Plan(Protocol):
    """Assignment of spectra to batches."""

    def batch_at(self, number: int, rank: int = 0) -> BatchKey:
        """Return batch ``number`` of a rank, independently of earlier batches."""
        ...


class BatchPlan:
    """Random batches of peptides of similar length, among those that the stage of a step admits.

    Within one length range every spectrum is drawn once before any is drawn twice.

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
        check_at_least("the batch size", batch_size, 1)
        self.batch_size, self.seed, self.stage_at = batch_size, seed, stage_at
        self.accumulate, self.world_size = accumulate, world_size
        self._order = np.argsort(lengths, kind="stable")
        self._lengths = lengths[self._order]
        self._epoch = lru_cache(maxsize=4)(self._shuffle)

    def batch_at(self, number: int, rank: int = 0) -> BatchKey:
        """Return batch ``number`` of a rank, independently of earlier batches."""
        return BatchKey(number, self.draw(number, self.stage_at(number // self.accumulate), rank))

    def draw(self, number: int, stage: Stage, rank: int = 0) -> Int[ndarray, " batch"]:
        """Return the rows of the batch after ``number`` others, among those that a stage admits."""
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
        # Surplus spectra are left out at both ends, different ones in every epoch.
        start = rng.integers(0, high - low - n_batches * rows, endpoint=True)
        batches = by_length[start : start + n_batches * rows].reshape(n_batches, rows)
        return rng.permuted(batches, axis=1)[rng.permutation(n_batches)]


class PlanSampler(Sampler[BatchKey]):
    """Yields the batches of a plan to a DataLoader, up to the last of the run.

    `first_batch` is called at the start of each iteration and returns the number of the first
    batch, so that a resumed run continues at its step.
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
    """Dataset of whole batches of a source, without any state that depends on the stage."""

    def __init__(self, source: SpectrumSource) -> None:
        self.source = source

    def __getitem__(self, key: BatchKey) -> LabelledSpectra:
        batch = self.source.read(key.indices)
        return LabelledSpectra(batch.spectra, batch.tokens, key.number)


def ordered_batches(
    lengths: Int[ndarray, " spectra"], batch_size: int, rank: int = 0, world_size: int = 1
) -> list[BatchKey]:
    """Divide all spectra into batches, ordered by length, for validation and test.

    Each rank takes every ``world_size``-th spectrum.
    """
    order = np.argsort(lengths, kind="stable")[rank::world_size]
    starts = range(0, len(order), batch_size)
    return [BatchKey(n, order[start : start + batch_size]) for n, start in enumerate(starts)]
