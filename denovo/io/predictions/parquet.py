"""Writer and reader of predictions as Parquet."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.errors import InputError
from denovo.io.predictions.columns import (
    BATCH_SIZE,
    COLUMNS,
    NAMES,
    PROTEOME_COLUMNS,
    REQUIRED_NAMES,
    SCHEMA,
    RunRecord,
    from_batch,
    to_batches,
)
from denovo.spectra.prediction import Prediction

RUN_KEY = b"denovo.run"
"""Key of the metadata of the file with version, files and settings, as JSON."""
_ALL = (*COLUMNS, *PROTEOME_COLUMNS)
_ROWS = 1 << 15
"""Number of rows of a batch without conversion to `Prediction`."""


def write_parquet(path: Path, predictions: Iterable[Prediction], run: RunRecord) -> None:
    """Write predictions with missing values as nulls and alternatives as structs."""
    schema = run.schema.with_metadata(metadata_of(run))
    # Arrow opens only paths in UTF-8.
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in to_batches(predictions, run.columns):
            writer.write_batch(batch)


def metadata_of(run: RunRecord) -> dict[bytes, bytes]:
    """Describe a run for the metadata of a file."""
    described = {"version": run.version, "files": run.files, "settings": dict(run.settings)}
    return {RUN_KEY: json.dumps(described).encode()}


def read_parquet(path: Path) -> Iterator[Prediction]:
    """Read a file of `write_parquet`."""
    with _reading(path) as file:
        for batch in file.iter_batches(BATCH_SIZE, columns=[c.name for c in _ALL]):
            yield from from_batch(batch)


def read_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Read a file of `write_parquet` as batches of `SCHEMA`; missing late columns are null."""
    with _reading(path) as file:
        for batch in file.iter_batches(_ROWS, columns=list(NAMES)):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            for name in set(NAMES) - REQUIRED_NAMES - columns.keys():
                columns[name] = pa.nulls(len(batch), SCHEMA.field(name).type)
            arrays = [columns[field.name].cast(field.type) for field in SCHEMA]
            yield pa.record_batch(arrays, schema=SCHEMA)


def read_settings(path: Path) -> dict[str, str]:
    """Read the settings of the run from a file of `write_parquet`."""
    with _reading(path) as file:
        metadata = file.schema_arrow.metadata or {}
        return dict(json.loads(metadata.get(RUN_KEY, b'{"settings": {}}'))["settings"])


@contextmanager
def _reading(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            yield file
    except (pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: the predictions cannot be read ({error}); expected Parquet that denovo wrote"
        ) from error
