"""Lightning data modules: batches for training, validation and test from any source."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

import lightning as L
import numpy as np
import torch
from torch.utils.data import DataLoader

from denovo.chemistry import Vocabulary
from denovo.curriculum import Curriculum, Noise
from denovo.data.batches import (
    BatchKey,
    BatchPlan,
    Plan,
    PlanSampler,
    SourceBatches,
    SpectrumSource,
    derive_seed,
    ordered_batches,
)
from denovo.data.preparation import prepare_batch, shuffle_peaks
from denovo.data.sources import AnnotatedSources
from denovo.errors import InputError, check_at_least
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Int, ndarray

EVALUATION_SETS = ("clean", "noisy")
"""Evaluation sets: the spectra without noise, and with the noise of the last stage."""

_TRAINING, _EVALUATION, _SAMPLE = range(3)
"""Purposes of the noise: part of its seed, so that no two purposes share random numbers."""


@runtime_checkable
class SourceSet(Protocol):
    """Spectra of all three splits."""

    def prepare(self) -> None:
        """Make missing files; called by one process of each machine."""
        ...

    def open(self, split: str) -> SpectrumSource | None:
        """Open ``train``, ``val`` or ``test``; None without spectra."""
        ...

    def provenance(self) -> dict[str, Any]:
        """Describe the origin of the spectra, for the record of the run."""
        ...


class SequencingData(L.LightningDataModule):
    """Data module whose batches and noise are functions of the step.

    Parameters
    ----------
    vocabulary : Vocabulary
        Passed to ``sources``.
    sources : callable
        Makes the `SourceSet` when called with ``vocabulary=...``.
    curriculum : Curriculum
        Stages of the training; the noise of the last stage distorts the noisy evaluation set.
    seed : int
        Seed of batches and noise.
    batch_size, eval_batch_size : int
        Spectra per batch in training, and in validation and test.
    n_peaks : int
        Number of the most intense peaks kept per spectrum, after distortion.
    n_val, n_test : int
        Largest number of spectra for validation and test.
    n_workers : int
        Number of processes that read batches; 0 reads in the training process.
    evaluate_noisy : bool
        Whether to validate and test also on distorted spectra.
    n_overfit : int or None
        Number of training spectra that are used for everything, to check that a network can
        memorise them.
    shuffle_peaks : bool
        Whether, in training only, each peptide is shown the peaks of another one of its batch. In
        this control, a network learns nothing from the peaks.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sources: Callable[..., SourceSet],
        curriculum: Curriculum,
        seed: int,
        batch_size: int,
        eval_batch_size: int = 128,
        n_peaks: int = 150,
        n_val: int = 1000,
        n_test: int = 2000,
        n_workers: int = 0,
        evaluate_noisy: bool = True,
        n_overfit: int | None = None,
        shuffle_peaks: bool = False,
    ) -> None:
        super().__init__()
        counts = {
            "n_peaks": n_peaks,
            "eval_batch_size": eval_batch_size,
            "n_val": n_val,
            "n_test": n_test,
        }
        for name, count in counts.items():
            check_at_least(f"data.{name}", count, 1)
        self.vocabulary, self.curriculum = vocabulary, curriculum
        self.sources = sources(vocabulary=vocabulary)
        self.seed, self.batch_size, self.eval_batch_size = seed, batch_size, eval_batch_size
        self.n_peaks, self.n_workers, self.n_overfit = n_peaks, n_workers, n_overfit
        self.shuffle_peaks = shuffle_peaks
        self.evaluate_noisy = evaluate_noisy and curriculum.last_stage.noise != Noise()
        self._limits = {"val": n_val, "test": n_test}
        self._opened: dict[str, SpectrumSource] = {}

    def prepare_data(self) -> None:
        """Make missing files."""
        self.sources.prepare()

    def setup(self, stage: str) -> None:
        """Open the splits that a phase needs."""
        wanted = {"fit": ("train", "val"), "validate": ("val",), "test": ("test",)}[stage]
        for split in self._parts(wanted):
            if split in self._opened:
                continue
            source = self.sources.open("train" if self.n_overfit else split)
            if source is None or len(source) == 0:
                raise InputError(f"there are no spectra for {split}; give data for it")
            self.vocabulary.check_same(source.vocabulary, "the data", f"its spectra for {split}")
            self._opened[split] = source

    def _parts(self, splits: Sequence[str]) -> Sequence[str]:
        """Return the names of the sources that splits need."""
        return splits

    def plan(self) -> Plan:
        """Return the plan of the training batches."""
        lengths = self._opened["train"].lengths
        return self._plan(lengths[: self.n_overfit or len(lengths)])

    def _plan(self, lengths: Int[ndarray, " spectra"]) -> BatchPlan:
        trainer = self.trainer
        return BatchPlan(
            lengths,
            self.batch_size,
            self.seed,
            self.curriculum.stage_at,
            accumulate=trainer.accumulate_grad_batches if trainer else 1,
            world_size=trainer.world_size if trainer else 1,
        )

    def train_dataloader(self) -> DataLoader[LabelledSpectra]:
        """Load training batches from the current step of the trainer to the last one."""
        trainer = self._attached()
        accumulate = trainer.accumulate_grad_batches
        plan = self.plan()
        for step in (0, *self.curriculum.boundaries):
            plan.batch_at(step * accumulate)  # report a stage without enough data now
        sampler = PlanSampler(
            plan,
            n_batches=trainer.max_steps * accumulate,
            first_batch=lambda: trainer.global_step * accumulate,
            rank=trainer.global_rank,
        )
        return self._loader(self._opened["train"], sampler)

    def val_dataloader(self) -> list[DataLoader[LabelledSpectra]]:
        """Load the validation spectra, once for each of `EVALUATION_SETS`."""
        return self._evaluation("val")

    def test_dataloader(self) -> list[DataLoader[LabelledSpectra]]:
        """Load the test spectra, once for each of `EVALUATION_SETS`."""
        return self._evaluation("test")

    def sample(self, split: str, n_spectra: int, kind: str) -> tuple[LabelledSpectra, list[str]]:
        """Return the first spectra of a split; every call returns the same.

        Parameters
        ----------
        split : str
            ``train``, ``val`` or ``test``; it must have been set up.
        n_spectra : int
            Largest number of spectra.
        kind : str
            One of ``kinds``.

        Returns
        -------
        batch : LabelledSpectra
            Prepared spectra, on the CPU.
        identifiers : list of str
            Names of the spectra in the source.
        """
        source = self._evaluated(split, kind)
        indices = np.arange(min(n_spectra, self.n_overfit or len(source), len(source)))
        noise = self._evaluation_noise(kind)
        seed = derive_seed(self.seed, _SAMPLE)
        batch = prepare_batch(source.read(indices), noise, seed, self.n_peaks, self.vocabulary)
        return batch, source.identifiers(indices)

    def _attached(self) -> L.Trainer:
        assert self.trainer is not None, "attach the data module to a trainer first"
        return self.trainer

    @property
    def kinds(self) -> Sequence[str]:
        """Names of the evaluation sets, in the order of their loaders."""
        return EVALUATION_SETS[: 1 + self.evaluate_noisy]

    def _evaluated(self, split: str, kind: str) -> SpectrumSource:
        """Return the spectra of an evaluation set."""
        return self._opened[split]

    def _training_noise(self, number: int) -> Noise:
        """Return the noise of a training batch."""
        accumulate = self._attached().accumulate_grad_batches
        return self.curriculum.stage_at(number // accumulate).noise

    def _evaluation_noise(self, kind: str) -> Noise:
        """Return the noise of an evaluation set."""
        if kind != "noisy":
            return Noise()
        # In training a share of the spectra stays clean; the noisy set has noise on all of them.
        return replace(self.curriculum.last_stage.noise, noisy_fraction=1.0)

    def _evaluation(self, split: str) -> list[DataLoader[LabelledSpectra]]:
        return [self._evaluation_loader(split, kind) for kind in self.kinds]

    def _evaluation_loader(self, split: str, kind: str) -> DataLoader[LabelledSpectra]:
        trainer, source = self._attached(), self._evaluated(split, kind)
        # A source lists its spectra in hash order, so the first ones are a fair sample.
        lengths = source.lengths[: self.n_overfit or self._limits[split]]
        batches = ordered_batches(
            lengths, self.eval_batch_size, trainer.global_rank, trainer.world_size
        )
        return self._loader(source, batches)

    def _loader(
        self, source: SpectrumSource, batches: Iterable[BatchKey]
    ) -> DataLoader[LabelledSpectra]:
        return DataLoader(
            SourceBatches(source),
            sampler=batches,
            batch_size=None,
            num_workers=self.n_workers,
            multiprocessing_context="spawn" if self.n_workers else None,
            persistent_workers=self.n_workers > 0,
            generator=torch.Generator().manual_seed(self.seed),
        )

    def on_after_batch_transfer(
        self, batch: LabelledSpectra, dataloader_idx: int
    ) -> LabelledSpectra:
        """Distort the spectra on their device, then keep the most intense peaks."""
        trainer = self._attached()
        if trainer.training:
            noise, purpose = self._training_noise(batch.number), _TRAINING
        else:
            noise, purpose = self._evaluation_noise(self.kinds[dataloader_idx]), _EVALUATION
        seed = derive_seed(self.seed, purpose, batch.number, trainer.global_rank)
        prepared = prepare_batch(batch, noise, seed, self.n_peaks, self.vocabulary)
        # After the noise, which adds ions of the peptides of the batch.
        is_shuffled = self.shuffle_peaks and trainer.training
        return shuffle_peaks(prepared, seed) if is_shuffled else prepared


class AnnotatedData(SequencingData):
    """A `SequencingData` of measured spectra with known peptides.

    Parameters
    ----------
    vocabulary : Vocabulary
        Residues of the annotations.
    train, val, test, max_peaks, unsupported, intensity_power
        See `AnnotatedSources`.
    **options : Any
        Further arguments of `SequencingData`.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        train: str | list[str] | None,
        val: str | list[str] | None,
        test: str | list[str] | None = None,
        max_peaks: int = 500,
        unsupported: str = "error",
        intensity_power: float = 1.0,
        **options: Any,
    ) -> None:
        sources = partial(
            AnnotatedSources,
            train=train,
            val=val,
            test=test,
            max_peaks=max_peaks,
            unsupported=unsupported,
            intensity_power=intensity_power,
        )
        super().__init__(vocabulary, sources, **options)
