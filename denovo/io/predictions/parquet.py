"""Predictions as Parquet, with lists as lists."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.errors import InputError
from denovo.io.predictions.columns import BATCH_SIZE, NAMES, SCHEMA, from_batch, to_batches
from denovo.io.predictions.run import RunRecord
from denovo.spectra.prediction import Prediction

RUN_KEY = b"denovo.run"
"""Where the metadata of the file hold version, files and settings, as JSON."""


def write_parquet(path: Path, predictions: Iterable[Prediction], run: RunRecord) -> None:
    """Write predictions with missing values as nulls and alternatives as structs."""
    told = {"version": run.version, "files": run.files, "settings": dict(run.settings)}
    schema = SCHEMA.with_metadata({RUN_KEY: json.dumps(told).encode()})
    # Arrow opens paths that are UTF-8 only.
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in to_batches(predictions):
            writer.write_batch(batch)


def read_parquet(path: Path) -> Iterator[Prediction]:
    """Read what `write_parquet` writes.

    Raises
    ------
    InputError
        If the file is damaged, lacks a column or holds other values than predictions.
    """
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            for batch in file.iter_batches(BATCH_SIZE, columns=list(NAMES)):
                yield from from_batch(batch)
    except (pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: the predictions cannot be read ({error}); expected Parquet that denovo wrote"
        ) from error
