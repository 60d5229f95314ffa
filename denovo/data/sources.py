"""Sources of training, validation and test spectra."""

import logging
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.data.annotated import AnnotatedSpectra
from denovo.data.batches import SpectrumSource
from denovo.data.chosen import ChosenSpectra, in_hash_order
from denovo.errors import InputError
from denovo.simulation import Recipe, SpectrumStore, build_store
from denovo.simulation.simulated import SimulatedSpectra

log = logging.getLogger(__name__)


class SimulatedSources:
    """Predicted spectra from a store, which is built if it is missing.

    Parameters
    ----------
    vocabulary : Vocabulary
        Residues of the peptides.
    recipe : Recipe
        Settings of the store.
    root : str or Path
        Folder of all stores; each has a subfolder named after its content hash.
    processes : int or None
        Number of processes that predict; all cores if None.
    min_relative_intensity : float
        See `SimulatedSpectra`.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        recipe: Recipe,
        root: str | Path,
        processes: int | None = None,
        min_relative_intensity: float = 1e-3,
    ) -> None:
        self.vocabulary, self.recipe, self.root = vocabulary, recipe, Path(root)
        self.processes, self.min_relative_intensity = processes, min_relative_intensity

    def prepare(self) -> None:
        """Build the store, or find it."""
        _ = self.store

    def open(self, split: str) -> SpectrumSource:
        """Open a split; its spectra are computed when they are read."""
        table = self.store.table(split)
        return SimulatedSpectra(table, self.vocabulary, self.min_relative_intensity)

    def provenance(self) -> dict[str, Any]:
        """Return kind, hash and provenance of the store."""
        store = self.store
        return {
            "kind": "simulated",
            "store_hash": store.content_hash,
            "store": store.provenance,
        }

    @cached_property
    def store(self) -> SpectrumStore:
        """The store, built if it is missing."""
        # One process of a machine prepares the store; the others find it here.
        return build_store(self.recipe, self.vocabulary, self.root, self.processes)


class AnnotatedSources:
    """Measured spectra with known peptides, with files for each split.

    Parameters
    ----------
    vocabulary : Vocabulary
        Residues of the annotations.
    train, val, test : path, list of paths or None
        Annotated files; glob patterns are expanded. Without ``test``, the validation spectra also
        serve as test spectra.
    **options : Any
        Further arguments of `AnnotatedSpectra`.

    Raises
    ------
    InputError
        If files for training or validation are missing.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        train: str | list[str] | None,
        val: str | list[str] | None,
        test: str | list[str] | None = None,
        **options: Any,
    ) -> None:
        for split, path in (("train", train), ("val", val)):
            if not path:
                raise InputError(
                    f"data=annotated needs spectra for {split}; give data.{split}=FILE.mgf"
                )
        self.vocabulary = vocabulary
        assert train is not None and val is not None  # noqa: PT018
        self._paths = {"train": train, "val": val, "test": test or val}
        self._trained_on: set[str] = set()
        self._options = options

    def prepare(self) -> None:
        """Do nothing: the files are read when they are opened."""

    def open(self, split: str) -> SpectrumSource:
        """Read the files of a split, and warn of peptides that the training set also has."""
        source = AnnotatedSpectra(self._paths[split], self.vocabulary, **self._options)
        if split == "train":
            self._trained_on = set(source.identities)
        elif shared := self._trained_on & set(source.identities):
            log.warning(
                "%d of the %d peptides for %s are in the training set too, so that figures on them "
                "flatter; use files without common peptides",
                *(len(shared), len(set(source.identities)), split),
            )
        if split == "train":
            return source
        return ChosenSpectra(source, in_hash_order(np.arange(len(source))))

    def provenance(self) -> dict[str, Any]:
        """Return kind and files."""
        return {"kind": "annotated", "store_hash": None, "files": self._paths}
