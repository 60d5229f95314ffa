"""Mixtures of measured and simulated spectra for fine-tuning."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.chemistry.identity import stable_hash
from denovo.curriculum import Noise, Stage
from denovo.data.annotated import AnnotatedSpectra
from denovo.data.batches import BatchKey, BatchPlan, SpectrumSource
from denovo.data.chosen import ChosenSpectra, in_hash_order
from denovo.data.datamodule import SequencingData, SourceSet
from denovo.errors import InputError
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Bool, Int, ndarray


class MixedSpectra:
    """Simulated spectra followed by measured ones; a batch holds only one kind."""

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
        is_measured = indices >= len(self.simulated)
        assert is_measured.all() or not is_measured.any(), "a batch must be of one kind"
        if is_measured.any():
            return self.measured, indices - len(self.simulated)
        return self.simulated, indices

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra of one kind as one batch, as `SpectrumSource.read` describes."""
        source, rows = self._of(indices)
        return source.read(rows)

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return names of spectra of one kind, as their source does."""
        source, rows = self._of(indices)
        return source.identifiers(rows)


class MixedPlan:
    """Alternation of measured and simulated batches, with a share of measured ones in [0, 1].

    `n_simulated` is the row of the first measured spectrum in the mixed source.
    """

    def __init__(
        self, simulated: BatchPlan, measured: BatchPlan, n_simulated: int, share: float
    ) -> None:
        self.simulated, self.measured = simulated, measured
        self.n_simulated, self.share = n_simulated, share

    def batch_at(self, number: int, rank: int = 0) -> BatchKey:
        """Return batch ``number`` of a rank, independently of earlier batches."""
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
    # Rounded first: 0.1 * 30 must give 3, not a little less.
    return math.floor(round(number * share, 6))


def is_measured(number: int, share: float) -> bool:
    """Return whether a batch holds measured spectra."""
    return measured_before(number + 1, share) > measured_before(number, share)


KINDS = ("measured", "noisy", "clean")
"""Evaluation sets: measured spectra first, then simulated ones with noise and without."""


@runtime_checkable
class _Identified(SpectrumSource, Protocol):
    """Source with the `identity` of each peptide."""

    @property
    def identities(self) -> list[str]:
        """The `identity` of each peptide."""
        ...


class MixedSources:
    """Measured spectra of each split, and simulated ones without any held-out peptide.

    The arguments are those of `FineTuningData`, with those of `AnnotatedSpectra` as
    `options`. The seed selects the held-out peptides. A share out of range raises an InputError.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        simulated: Callable[..., SourceSet],
        train: str | list[str] | None,
        val: str | list[str] | None,
        test: str | list[str] | None,
        held_out: float,
        seed: int,
        **options: Any,
    ) -> None:
        if not 0 < held_out < 1:
            raise InputError(f"data.held_out must be between 0 and 1, got {held_out}")
        self.vocabulary, self.simulated = vocabulary, simulated(vocabulary=vocabulary)
        self._paths = {"train": train, "val": val, "test": test}
        self._held_out, self._seed, self._options = held_out, seed, options
        self._measured: dict[str, SpectrumSource] = {}
        self._peptides: dict[str, set[str]] = {}

    def prepare(self) -> None:
        """Read the files, and build or find the store of simulated spectra."""
        self._read()
        self.simulated.prepare()

    def open(self, split: str) -> SpectrumSource | None:
        """Open a split: ``train`` is mixed, ``val`` and ``test`` are measured.

        ``val_simulated`` and ``test_simulated`` hold only simulated spectra.
        """
        self._read()
        if split == "train":
            known = self._peptides["val"] | self._peptides["test"]
            return MixedSpectra(self._without(known, split), self._measured[split])
        if split.endswith("_simulated"):
            return self._without(self._peptides["train"], split.removesuffix("_simulated"))
        return self._measured[split]

    def provenance(self) -> dict[str, Any]:
        """Return the provenance of the store, the files, and the number of spectra by split."""
        n_spectra = {split: len(source) for split, source in self._measured.items()}
        measured = {"files": self._paths, "n_measured": n_spectra}
        return {**self.simulated.provenance(), "kind": "mixed", **measured}

    def _read(self) -> None:
        if self._measured:
            return
        path = self._paths["train"]
        if not path:
            raise InputError("fine-tuning needs spectra with peptides; give data.train=FILE.mgf")
        whole = AnnotatedSpectra(path, self.vocabulary, **self._options)
        if self._paths["val"]:
            self._add("val", self._annotated("val"))
        else:
            self._add("val", whole, self._is_held_out(whole, path))
        if self._paths["test"]:
            self._add("test", self._annotated("test"))
        else:
            self._measured["test"] = self._measured["val"]
            self._peptides["test"] = self._peptides["val"]
        known = self._peptides["val"] | self._peptides["test"]
        is_free = np.array([peptide not in known for peptide in whole.identities])
        if not is_free.any():
            raise InputError(
                f"{path}: no spectrum is left to train on, for all its peptides are in the files "
                "for validation and test; give other files"
            )
        self._add("train", whole, is_free)

    def _annotated(self, split: str) -> AnnotatedSpectra:
        path = self._paths[split]
        assert path is not None
        return AnnotatedSpectra(path, self.vocabulary, **self._options)

    def _is_held_out(self, source: AnnotatedSpectra, path: object) -> Bool[ndarray, " spectra"]:
        peptides = [f"{self._seed} {peptide}" for peptide in source.identities]
        place = np.array([stable_hash(text, "measured split") / 2**64 for text in peptides])
        chosen = place < self._held_out
        if not chosen.any() or chosen.all():
            raise InputError(
                f"{path}: its {len(set(peptides))} peptides are too few to hold some out; give "
                "data.val=FILE.mgf"
            )
        return chosen

    def _add(
        self, split: str, source: AnnotatedSpectra, chosen: Bool[ndarray, " spectra"] | None = None
    ) -> None:
        rows = np.arange(len(source)) if chosen is None else np.flatnonzero(chosen)
        order = rows if split == "train" else in_hash_order(rows)
        self._measured[split] = ChosenSpectra(source, order)
        self._peptides[split] = {source.identities[row] for row in rows}

    def _without(self, known: set[str], split: str) -> SpectrumSource:
        source: _Identified = self.simulated.open(split)  # pyright: ignore[reportAssignmentType]
        kept = [peptide not in known for peptide in source.identities]
        return ChosenSpectra(source, np.flatnonzero(kept))


class FineTuningData(SequencingData):
    """A `SequencingData` in which measured and simulated batches alternate.

    Simulated batches get the noise of the curriculum, measured batches none.

    Parameters
    ----------
    vocabulary : Vocabulary
        Residues of both kinds of spectra.
    sources : callable
        Makes the `SourceSet` of simulated spectra when called with ``vocabulary=...``.
    seed : int
        Seed of batches and noise.
    train, val, test : path, list of paths or None
        Annotated files. Without ``val`` a share of the peptides of ``train`` is held out; without
        ``test`` the validation spectra also serve as test spectra.
    held_out : float
        Share of the peptides that are held out, in (0, 1).
    split_seed : int
        Seed of the held-out peptides.
    measured_share : float
        Share of the measured batches, in (0, 1].
    max_peaks, unsupported, intensity_power
        See `AnnotatedSpectra`.
    **options : Any
        Further arguments of `SequencingData`.

    Raises
    ------
    InputError
        If a share is out of range.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sources: Callable[..., SourceSet],
        seed: int,
        train: str | list[str] | None = None,
        val: str | list[str] | None = None,
        test: str | list[str] | None = None,
        held_out: float = 0.2,
        split_seed: int = 0,
        measured_share: float | int = 0.5,
        max_peaks: int = 500,
        unsupported: str = "error",
        intensity_power: float = 1.0,
        **options: Any,
    ) -> None:
        if not 0 < measured_share <= 1:
            raise InputError(f"data.measured_share must be in (0, 1], got {measured_share}")
        mixed = partial(
            MixedSources,
            simulated=sources,
            train=train,
            val=val,
            test=test,
            held_out=held_out,
            seed=split_seed,
            max_peaks=max_peaks,
            unsupported=unsupported,
            intensity_power=intensity_power,
        )
        super().__init__(vocabulary, mixed, seed=seed, **options)
        self.measured_share = float(measured_share)

    @property
    def kinds(self) -> Sequence[str]:
        """Names of the evaluation sets, in the order of their loaders."""
        return KINDS

    def _parts(self, splits: Sequence[str]) -> Sequence[str]:
        simulated = [f"{split}_simulated" for split in splits if split != "train"]
        return [*splits, *simulated]

    def plan(self) -> MixedPlan:
        """Return the plan of the training batches."""
        source = self._opened["train"]
        assert isinstance(source, MixedSpectra)
        simulated, measured = (
            self._plan(part.lengths) for part in (source.simulated, source.measured)
        )
        return MixedPlan(simulated, measured, len(source.simulated), self.measured_share)

    def _evaluated(self, split: str, kind: str) -> SpectrumSource:
        is_simulated = kind != "measured" and split != "train"
        return self._opened[f"{split}_simulated" if is_simulated else split]

    def _training_noise(self, number: int) -> Noise:
        if is_measured(number, self.measured_share):
            return Noise()
        return super()._training_noise(number)
