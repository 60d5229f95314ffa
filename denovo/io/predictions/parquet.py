"""Writer and reader of predictions as Parquet."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.errors import InputError
from denovo.io.predictions.columns import (
    BATCH_SIZE,
    COLUMNS,
    FURTHER,
    IN_MAPPED_FILES,
    Column,
    RunRecord,
    from_batch,
    schema_of,
    stored_columns,
    to_batches,
)
from denovo.spectra.prediction import Prediction

RUN_KEY = b"denovo.run"
"""Key of the metadata of the file with version, files and settings, as JSON."""
_NAMES = [*(column.name for column in (*COLUMNS, *FURTHER)), *IN_MAPPED_FILES.values()]
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
        for batch in file.iter_batches(BATCH_SIZE, columns=_NAMES):
            yield from from_batch(batch)


def read_batches(path: Path, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
    """Read a file of `write_parquet` as batches of columns; missing late columns are null.

    Raises
    ------
    InputError
        If it is no such file, or a value is missing that every prediction has.
    """
    schema, n_read = schema_of(columns), 0
    with _reading(path) as file:
        for batch in file.iter_batches(_ROWS, columns=_NAMES):
            stored = stored_columns(batch.schema.names).items()
            found = {column.name: batch.column(name) for name, column in stored}
            for column in columns:
                if column.name in found and found[column.name].null_count:
                    row = found[column.name].is_null().index(pa.scalar(True)).as_py()
                    _check_may_be_missing(column, f"{path}, prediction {n_read + row + 1}")
            n_read += len(batch)
            arrays = [
                found[column.name].cast(column.kind.arrow)
                if column.name in found or not column.is_late
                else pa.nulls(len(batch), column.kind.arrow)
                for column in columns
            ]
            yield pa.record_batch(arrays, schema=schema)


def _check_may_be_missing(column: Column, where: str) -> None:
    try:
        column.kind.unpack(None)
    except ValueError as error:
        raise InputError(
            f"{where}: {column.name} is missing; expected predictions that denovo wrote"
        ) from error


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a file."""
    with _reading(path) as file:
        return list(file.schema_arrow.names)


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
    except InputError:
        raise
    except (pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: the predictions cannot be read ({error}); expected Parquet that denovo wrote"
        ) from error
