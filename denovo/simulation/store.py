"""Stores of simulated spectra: lookup by content, building of missing files, reading."""

import json
import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.io.atomic_outputs import PART_SUFFIX, as_input_error
from denovo.io.files import sha256_of, write_text
from denovo.processes import refuse_in_starting_worker
from denovo.simulation.recipe import Recipe, content_hash
from denovo.simulation.shards import Shard, ShardWriter, damaged_shard, n_rows, read_shard
from denovo.simulation.workers import write_shards

MANIFEST_NAME = "manifest.json"
_MAX_SHARDS = 100_000

ShardName = Annotated[str, StringConstraints(pattern=r"^shard-[0-9]{5}\.parquet$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Residues(BaseModel):
    """Part of the residues in a provenance that is read."""

    model_config = ConfigDict(strict=True)

    fingerprint: str


class _Provenance(BaseModel):
    """Part of a provenance that is read; the name of the folder is a hash of all of it."""

    model_config = ConfigDict(strict=True)

    residues: _Residues
    fractions: dict[str, float]
    shard_size: int = Field(ge=1)


class _Content(BaseModel):
    """Entries of a manifest file."""

    model_config = ConfigDict(strict=True, extra="forbid")

    provenance: _Provenance
    n_shards: int = Field(ge=1, le=_MAX_SHARDS)
    n_spectra: dict[str, Count]
    shards: dict[ShardName, Sha256]


@dataclass
class Manifest:
    """State of a store on disk.

    `n_shards` and `n_spectra` (by split) are those of the finished store. `shards` holds the
    SHA-256 of each file written so far, by name.
    """

    folder: Path
    provenance: Mapping[str, Any]
    n_shards: int
    n_spectra: Mapping[str, int]
    shards: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Read the manifest of a store.

        A missing or damaged manifest, or one that does not match the name of the folder, raises an
        InputError.
        """
        path = folder / MANIFEST_NAME
        try:
            content = json.loads(path.read_bytes())
            _check(content, folder)
        except FileNotFoundError as error:
            raise InputError(f"{folder} contains no store: it has no {MANIFEST_NAME}") from error
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        except (ValueError, RecursionError) as error:
            fault = str(error) if isinstance(error, InputError) else "it is not JSON"
            raise InputError(
                f"{path} is damaged: {fault}; build the store again by denovo simulate or train.py "
                f"with the same settings, which replaces it, or remove {folder}"
            ) from error
        return cls(folder=folder, **content)

    def save(self) -> None:
        """Write the manifest atomically."""
        content = {
            "provenance": self.provenance,
            "n_shards": self.n_shards,
            "n_spectra": self.n_spectra,
            "shards": dict(sorted(self.shards.items())),
        }
        write_text(self.folder / MANIFEST_NAME, json.dumps(content, indent=1) + "\n")

    @property
    def is_complete(self) -> bool:
        """Whether every file has been written; later damage is not checked."""
        return len(self.shards) == self.n_shards

    @property
    def is_intact(self) -> bool:
        """Whether every file is complete and unchanged, with the expected number of spectra."""
        if not self.is_complete or self.damaged():
            return False
        return sum(map(n_rows, self.paths)) == sum(self.n_spectra.values())

    @property
    def paths(self) -> list[Path]:
        """The files written so far, in order."""
        return [self.folder / name for name in sorted(self.shards)]

    def damaged(self) -> list[str]:
        """List the names of missing or changed files."""
        return [
            name for name, digest in sorted(self.shards.items()) if not self._holds(name, digest)
        ]

    def _holds(self, name: str, digest: str) -> bool:
        try:
            return sha256_of(self.folder / name) == digest
        except OSError:
            return False


def _check(content: Any, folder: Path) -> None:
    """Refuse entries of wrong types, and contradictions among them or with the folder name."""
    try:
        checked = _Content.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "its content"
        raise InputError(f"{field}: {first['msg']}") from error
    n_spectra, n_shards = sum(checked.n_spectra.values()), checked.n_shards
    if content_hash(content["provenance"]) != folder.absolute().name:
        raise InputError("its provenance does not have the hash that names the folder")
    if set(checked.n_spectra) != set(checked.provenance.fractions):
        raise InputError("n_spectra names other splits than its provenance")
    if n_shards != math.ceil(n_spectra / checked.provenance.shard_size):
        raise InputError(f"n_shards is {n_shards}, which is not what {n_spectra} spectra take")
    if any(int(name[6:11]) >= n_shards for name in checked.shards):
        raise InputError(f"shards names other files than the {n_shards} of the store")


logger = logging.getLogger(__name__)


class SpectrumStore:
    """A finished store of simulated spectra.

    Parameters
    ----------
    path : str or Path
        Folder of the store.
    vocabulary : Vocabulary or None
        If given, the residues that the store must have.

    Attributes
    ----------
    provenance : mapping
        Settings and inputs of the store.
    content_hash : str
        Hash of the provenance.
    n_spectra : mapping of str to int
        Number of spectra in each split.

    Raises
    ------
    InputError
        If there is no finished store at ``path``, or it has other residues.
    """

    def __init__(self, path: str | Path, vocabulary: Vocabulary | None = None) -> None:
        self.path = Path(path)
        self._manifest = Manifest.load(self.path)
        self.provenance = self._manifest.provenance
        self.content_hash = content_hash(self.provenance)
        self.n_spectra = self._manifest.n_spectra
        if not self._manifest.is_complete:
            raise InputError(
                f"the store {path} is unfinished ({len(self._manifest.shards)} of "
                f"{self._manifest.n_shards} files); build it again to complete it"
            )
        if vocabulary is not None:
            self._check_residues(vocabulary)

    def table(self, split: str) -> pa.Table:
        """Read all spectra of one split.

        Parameters
        ----------
        split : str
            ``"train"``, ``"val"`` or ``"test"``.

        Returns
        -------
        pyarrow.Table
            Columns ``peptide`` (ProForma), ``charge`` (int8) and, for each ion type, a list of
            float32 intensities by ordinal (see `Ms2pipSimulator.predict`). Each column is one
            chunk; the recipe fixes the order of the rows. An empty split has no rows.

        Raises
        ------
        InputError
            If the split does not exist or a file is damaged.
        """
        if split not in self.n_spectra:
            raise InputError(
                f"the store {self.path} has no split {split!r}, only {', '.join(self.n_spectra)}"
            )
        # Parquet checks its pages but not its footer, which holds names and positions.
        for name in self._manifest.damaged():
            raise damaged_shard(self.path / name)
        tables = [read_shard(path, split) for path in self._manifest.paths]
        table = pa.concat_tables(tables).combine_chunks()
        if len(table) != self.n_spectra[split]:
            raise InputError(
                f"{self.path / MANIFEST_NAME} is damaged: it counts {self.n_spectra[split]} "
                f"spectra of the split {split!r}, but the files hold {len(table)}; remove "
                f"{self.path} and build the store again"
            )
        return table

    def _check_residues(self, vocabulary: Vocabulary) -> None:
        theirs = self.provenance["residues"]["fingerprint"]
        if theirs != vocabulary.fingerprint:
            raise InputError(
                f"the store {self.path} was made with other residues ({theirs}) than the alphabet "
                f"{vocabulary.alphabet.name!r} ({vocabulary.fingerprint}); choose the residues= it "
                "was made with or build another"
            )


def build_store(
    recipe: Recipe, vocabulary: Vocabulary, root: str | Path, processes: int | None = None
) -> SpectrumStore:
    """Find the store of a recipe, or build its missing files.

    Finished files are kept when the work is interrupted; the next call continues there. Files
    that have changed since they were written are named in the log and replaced.

    Parameters
    ----------
    recipe : Recipe
        Settings of the store.
    vocabulary : Vocabulary
        The residues.
    root : str or Path
        Folder of all stores; this one is the subfolder named after its content hash.
    processes : int or None
        Number of worker processes; None for one per core, 1 to work in this process.

    Raises
    ------
    InputError
        If an input is invalid or ``root`` cannot be written.
    """
    provenance = recipe.provenance(vocabulary)
    folder = Path(root).expanduser() / content_hash(provenance)
    if not _is_finished(folder):
        refuse_in_starting_worker()
        with _locked(folder):
            _finish(recipe, vocabulary, folder, provenance, processes)
    return SpectrumStore(folder, vocabulary)


def _is_finished(folder: Path) -> bool:
    try:
        return Manifest.load(folder).is_intact
    except InputError:
        return False


def _finish(
    recipe: Recipe,
    vocabulary: Vocabulary,
    folder: Path,
    provenance: dict[str, Any],
    processes: int | None,
) -> None:
    if _is_finished(folder):  # by another process, while this one waited for the lock
        return
    for leftover in folder.glob(f".*{PART_SUFFIX}"):
        leftover.unlink()
    shards = recipe.shards(vocabulary)
    manifest = _resume(folder, shards, provenance)
    missing = [shard for shard in shards if shard.name not in manifest.shards]
    logger.info("simulating %d of %d files of %s", len(missing), len(shards), folder)
    writer = ShardWriter(folder, recipe.simulator, vocabulary.alphabet, folder.name, provenance)
    manifest.save()
    for name, digest in write_shards(writer, missing, processes):
        manifest.shards[name] = digest
        manifest.save()


def _resume(folder: Path, shards: list[Shard], provenance: dict[str, Any]) -> Manifest:
    """Make a manifest with the existing intact files."""
    counts = Counter(row.split for shard in shards for row in shard.rows)
    splits = {name: counts[name] for name in provenance["fractions"]}
    manifest = Manifest(folder, provenance, len(shards), splits)
    if not (folder / MANIFEST_NAME).exists():
        return manifest
    try:
        earlier = Manifest.load(folder)
    except InputError as error:
        logger.warning("%s", error)
        return manifest
    damaged = earlier.damaged()
    for name in damaged:
        logger.warning("%s is missing or damaged; building it again", folder / name)
    names = {shard.name for shard in shards} - set(damaged)
    manifest.shards = {n: digest for n, digest in earlier.shards.items() if n in names}
    return manifest


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from building the same store at the same time."""
    with as_input_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("another process is building %s; waiting for it", folder)
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
