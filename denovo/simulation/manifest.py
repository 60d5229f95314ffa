"""The list of a store's files with their checksums: what is finished, and what is intact."""

import json
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from denovo.errors import InputError
from denovo.io.files import sha256_of, write_text
from denovo.simulation.recipe import content_hash
from denovo.simulation.shards import n_rows

logger = logging.getLogger(__name__)

MANIFEST_NAME = "manifest.json"
_MAX_SHARDS = 100_000

ShardName = Annotated[str, StringConstraints(pattern=r"^shard-[0-9]{5}\.parquet$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Residues(BaseModel):
    """What is read of the residues in a provenance."""

    model_config = ConfigDict(strict=True)

    fingerprint: str


class _Provenance(BaseModel):
    """What is read of a provenance; its hash, the name of the folder, covers all of it."""

    model_config = ConfigDict(strict=True)

    residues: _Residues
    fractions: dict[str, float]
    shard_size: int = Field(ge=1)


class _Content(BaseModel):
    """What the file of a manifest may say."""

    model_config = ConfigDict(strict=True, extra="forbid")

    provenance: _Provenance
    n_shards: int = Field(ge=1, le=_MAX_SHARDS)
    n_spectra: dict[str, Count]
    shards: dict[ShardName, Sha256]


@dataclass
class Manifest:
    """State of a store on disk.

    Parameters
    ----------
    folder : Path
        Folder of the store.
    provenance : mapping
        Where it comes from.
    n_shards : int
        Number of files of the finished store.
    n_spectra : mapping of str to int
        Number of spectra in each split of the finished store.
    shards : dict of str to str
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

        Raises
        ------
        InputError
            If there is none, it is damaged, or does not belong to the store that the folder is
            named after.
        """
        path = folder / MANIFEST_NAME
        try:
            content = json.loads(path.read_bytes())
            _check(content, folder)
        except FileNotFoundError as error:
            raise InputError(f"{folder} holds no store; it has no {MANIFEST_NAME}") from error
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        except (ValueError, RecursionError) as error:
            fault = str(error) if isinstance(error, InputError) else "it is no JSON"
            raise InputError(
                f"{path} is damaged: {fault}; build the store again by denovo simulate or train.py "
                f"with the same settings, which replaces it, or remove {folder}"
            ) from error
        return cls(folder=folder, **content)

    def save(self) -> None:
        """Write the manifest in one step."""
        content = {
            "provenance": self.provenance,
            "n_shards": self.n_shards,
            "n_spectra": self.n_spectra,
            "shards": dict(sorted(self.shards.items())),
        }
        write_text(self.folder / MANIFEST_NAME, json.dumps(content, indent=1) + "\n")

    @property
    def is_complete(self) -> bool:
        """Whether every file has been written; says nothing about damage since."""
        return len(self.shards) == self.n_shards

    @property
    def is_intact(self) -> bool:
        """Whether every file is there as it was written, with as many spectra as are counted."""
        if not self.is_complete or self.damaged():
            return False
        return sum(map(n_rows, self.paths)) == sum(self.n_spectra.values())

    @property
    def paths(self) -> list[Path]:
        """The files written so far, in order."""
        return [self.folder / name for name in sorted(self.shards)]

    def damaged(self) -> list[str]:
        """Name the files that are missing or not what was written."""
        return [
            name for name, digest in sorted(self.shards.items()) if not self._holds(name, digest)
        ]

    def _holds(self, name: str, digest: str) -> bool:
        try:
            return sha256_of(self.folder / name) == digest
        except OSError:
            return False


def _check(content: Any, folder: Path) -> None:
    """Refuse entries of other types, or that contradict each other or the name of the folder."""
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
