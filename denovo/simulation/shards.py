"""Shards of a store: planning, simulating, writing and reading one Parquet file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.chemistry import ResidueAlphabet
from denovo.errors import InputError
from denovo.io.files import atomic_path, sha256_of
from denovo.simulation.simulator import Intensities, Simulator

PROVENANCE_KEY = b"denovo.provenance"
HASH_KEY = b"denovo.content_hash"


class PlannedSpectrum(NamedTuple):
    """Precursor and split of a spectrum that a store will hold."""

    peptide: str
    charge: int
    split: str


@dataclass(frozen=True)
class Shard:
    """Spectra of one file, and its place in the store, from 0."""

    number: int
    rows: tuple[PlannedSpectrum, ...]

    @property
    def name(self) -> str:
        """Name of the file."""
        return f"shard-{self.number:05d}.parquet"


@dataclass(frozen=True)
class ShardWriter:
    """Simulates shards and writes them; small enough to be sent to another process.

    `content_hash` and `provenance` of the store are written into each file.
    """

    folder: Path
    simulator: Simulator
    alphabet: ResidueAlphabet
    content_hash: str
    provenance: Mapping[str, Any]

    def write(self, shard: Shard) -> str:
        """Simulate one shard, write it atomically, and return the SHA-256 of the file."""
        intensities = self.simulator.predict(
            [row.peptide for row in shard.rows], [row.charge for row in shard.rows], self.alphabet
        )
        table = _table(shard.rows, intensities).replace_schema_metadata(
            {HASH_KEY: self.content_hash, PROVENANCE_KEY: json.dumps(dict(self.provenance))}
        )
        path = self.folder / shard.name
        with atomic_path(path) as temporary:
            pq.write_table(
                table,
                temporary,
                compression="zstd",
                use_dictionary=["split"],  # pyright: ignore[reportArgumentType]
                write_page_checksum=True,
            )
            digest = sha256_of(temporary)
        return digest


def damaged_shard(path: Path) -> InputError:
    """Make the error that reports a missing or damaged shard."""
    return InputError(
        f"{path} is missing or damaged; build the store again and this part will be replaced"
    )


def n_rows(path: Path) -> int:
    """Return the number of spectra in a shard; raise an InputError if it is damaged."""
    try:
        return pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as error:
        raise damaged_shard(path) from error


def read_shard(path: Path, split: str) -> pa.Table:
    """Read the spectra of one split from a shard, and check each page.

    The table has the columns ``peptide``, ``charge`` and one per ion type. A missing or damaged
    file raises an InputError.
    """
    try:
        table = pq.read_table(
            path,
            filters=[("split", "=", split)],
            memory_map=True,
            page_checksum_verification=True,
        )
    except (OSError, pa.ArrowException) as error:
        raise damaged_shard(path) from error
    return table.drop_columns("split").replace_schema_metadata(None)


def _table(rows: Sequence[PlannedSpectrum], intensities: Intensities) -> pa.Table:
    peptides, charges, splits = zip(*rows, strict=True)
    columns = {
        "peptide": pa.array(peptides, pa.string()),
        "charge": pa.array(charges, pa.int8()),
        "split": pa.array(splits, pa.string()).dictionary_encode(),
    }
    ions = {name: pa.array(values, pa.list_(pa.float32())) for name, values in intensities.items()}
    return pa.table(columns | ions)
