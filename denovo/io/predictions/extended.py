"""Predictions as Arrow, and files of predictions with further columns."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.io.atomic_outputs import together
from denovo.io.files import atomic_path
from denovo.io.predictions import delimited, mztab, parquet
from denovo.io.predictions.cells import one_line
from denovo.io.predictions.columns import (
    COLUMNS,
    FURTHER,
    IN_MAPPED_FILES,
    Column,
    RunRecord,
    from_batch,
    stored_columns,
    to_batches,
    to_texts,
)
from denovo.io.predictions.delimited import DELIMITERS, write_rows
from denovo.io.predictions.mztab import Cells, ProteinSection
from denovo.io.predictions.outputs import check_outputs, read_predictions, reading

Extension = Callable[[int, int], pa.RecordBatch]
"""Returns further columns of the rows from one number to another, exclusive."""
PsmCells = Callable[[dict[str, Any]], list[Cells]]
"""Makes the cells of the rows of mzTab of one prediction from its further columns."""


def further_columns(path: Path) -> tuple[Column, ...]:
    """Return those of `FURTHER` that a file of predictions has."""
    readers = {".parquet": parquet.column_names, ".mztab": mztab.column_names}
    with reading(path):
        names = readers.get(path.suffix.lower(), delimited.column_names)(path)
    present = stored_columns(names).values()
    return tuple(column for column in FURTHER if column in present)


def read_batches(path: Path, columns: Sequence[Column] = COLUMNS) -> Iterator[pa.RecordBatch]:
    """Read predictions as Arrow batches.

    Parameters
    ----------
    path : Path
        File of predictions. Parquet is read without conversion, the other formats as by
        `read_predictions`.
    columns : sequence of Column
        Columns that are read.

    Yields
    ------
    RecordBatch
        These columns; null where they are late and the file lacks them.

    Raises
    ------
    InputError
        If the suffix is unknown or the file cannot be read.
    """
    if path.suffix.lower() == ".parquet":
        with reading(path):
            yield from parquet.read_batches(path, columns)
    else:
        yield from to_batches(read_predictions(path), columns)


def read_settings(path: Path) -> dict[str, str]:
    """Read the settings of the run that wrote predictions; CSV and TSV have none."""
    readers = {".parquet": parquet.read_settings, ".mztab": mztab.read_settings}
    reader = readers.get(path.suffix.lower())
    with reading(path):
        return reader(path) if reader else {}


def write_extended(
    outputs: Sequence[Path],
    source: Path,
    extension: Extension,
    run: RunRecord,
    section: ProteinSection,
    psm_cells: PsmCells,
) -> None:
    """Write the predictions of a file with further columns, all outputs or none.

    Parameters
    ----------
    outputs : sequence of Path
        Files to write, in the formats of their suffixes; `read_predictions` reads them too.
    source : Path
        File of predictions.
    extension : callable
        Further columns, of one schema. Lists are separated by semicolons in CSV and TSV.
    run : RunRecord
        Origin of the predictions.
    section : ProteinSection
        Proteins, for mzTab.
    psm_cells : callable
        Makes the cells of the PSM section of mzTab.

    Raises
    ------
    InputError
        If the source cannot be read or an output cannot be written.
    """
    check_outputs(outputs)
    with together(*outputs):
        for path in outputs:
            batches = _extended(source, extension, run.columns)
            with atomic_path(path) as temporary:
                if path.suffix.lower() == ".parquet":
                    _write_parquet(temporary, batches, extension(0, 0).schema, run)
                elif path.suffix.lower() == ".mztab":
                    rows = (
                        (prediction, psm_cells(more))
                        for batch, columns in batches
                        for prediction, more in zip(
                            from_batch(batch), columns.to_pylist(), strict=True
                        )
                    )
                    mztab.write_with_proteins(temporary, rows, run, section)
                else:
                    further = extension(0, 0).schema.names
                    names = (*_names_beside(run.columns, further), *further)
                    delimiter = DELIMITERS[path.suffix.lower()]
                    write_rows(temporary, names, _texts(batches, run.columns), delimiter)


def cell_of(value: object) -> str:
    """Write a value of a further column as text; lists are separated by semicolons."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(map(str, value))
    return one_line(str(value))


def _names_beside(columns: Sequence[Column], further: Sequence[str]) -> list[str]:
    """Return the names of columns in a file with further columns, which keep their names."""
    return [IN_MAPPED_FILES[c.name] if c.name in further else c.name for c in columns]


def _extended(
    source: Path, extension: Extension, columns: Sequence[Column]
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    start = 0
    for batch in read_batches(source, columns):
        yield batch, extension(start, start + len(batch))
        start += len(batch)


def _write_parquet(
    path: Path,
    batches: Iterator[tuple[pa.RecordBatch, pa.RecordBatch]],
    further: pa.Schema,
    run: RunRecord,
) -> None:
    names = _names_beside(run.columns, further.names)
    own = [pa.field(name, c.kind.arrow) for name, c in zip(names, run.columns, strict=True)]
    schema = pa.schema([*own, *further], metadata=parquet.metadata_of(run))
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch, columns in batches:
            arrays = [*batch.columns, *columns.columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _texts(
    batches: Iterator[tuple[pa.RecordBatch, pa.RecordBatch]], known: Sequence[Column]
) -> Iterator[list[str]]:
    for batch, columns in batches:
        further = zip(*(column.to_pylist() for column in columns.columns), strict=True)
        for prediction, values in zip(from_batch(batch), further, strict=True):
            yield [*to_texts(prediction, known), *map(cell_of, values)]
