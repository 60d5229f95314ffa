"""The list of a store's files with their checksums: what is finished, and what is intact."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from denovo.errors import InputError
from denovo.io.files import sha256_of, write_text

logger = logging.getLogger(__name__)

MANIFEST_NAME = "manifest.json"


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
            If there is none or it is damaged.
        """
        path = folder / MANIFEST_NAME
        try:
            return cls(folder=folder, **json.loads(path.read_bytes()))
        except FileNotFoundError as error:
            raise InputError(f"{folder} holds no store; it has no {MANIFEST_NAME}") from error
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error
        except (ValueError, TypeError) as error:
            raise InputError(f"{path} is damaged; build the store again") from error

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
