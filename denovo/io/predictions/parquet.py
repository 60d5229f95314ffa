"""Writer and reader of predictions as Parquet."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.errors import InputError
from denovo.io.predictions.columns import (
    BATCH_SIZE,
    NAMES,
    SCHEMA,
    RunRecord,
    from_batch,
    to_batches,
)
from denovo.spectra.prediction import Prediction

RUN_KEY = b"denovo.run"
"""Key of the metadata of the file with version, files and settings, as JSON."""


def write_parquet(path: Path, predictions: Iterable[Prediction], run: RunRecord) -> None:
    """Write predictions with missing values as nulls and alternatives as structs."""
    metadata = {"version": run.version, "files": run.files, "settings": dict(run.settings)}
    schema = SCHEMA.with_metadata({RUN_KEY: json.dumps(metadata).encode()})
    # Arrow opens only paths in UTF-8.
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in to_batches(predictions):
            writer.write_batch(batch)


def read_parquet(path: Path) -> Iterator[Prediction]:
    """Read a file of `write_parquet`."""
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            for batch in file.iter_batches(BATCH_SIZE, columns=list(NAMES)):
                yield from from_batch(batch)
    except (pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: the predictions cannot be read ({error}); expected Parquet that denovo wrote"
        ) from error
