"""Parquet, Arrow IPC and data frames with a row for each spectrum, and the writer of Parquet.

The columns are those of InstaNovo 1.1 (https://github.com/instadeepai/InstaNovo), with the names of
its first version and of MaxQuant as alternatives; NovoBench has the same.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import RawIOBase
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from denovo.errors import InputError
from denovo.io.arrow_buffers import largest_unpacked
from denovo.io.entry_fields import charges_of
from denovo.io.files import atomic_path
from denovo.io.peaks import finish_peaks
from denovo.io.spectrum import Origin, SpectrumError, annotation, require_ms2, whole_number
from denovo.io.streams import FileError, open_bytes
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Float64, ndarray

_COLUMNS = {
    "mz_array": ("mz_array", "Mass values", "Mass spectrum"),
    "intensity_array": ("intensity_array", "Intensity", "Raw intensity spectrum"),
    "precursor_mz": ("precursor_mz", "Precursor m/z", "MS/MS m/z", "m/z"),
    "precursor_charge": ("precursor_charge", "Precursor charge", "Charge"),
    "modified_sequence": ("modified_sequence", "Modified sequence", "sequence", "peptide"),
    "scan_number": ("scan_number", "Scan number", "scan"),
    "title": ("spectrum_id", "title"),
    "retention_time": ("retention_time", "Retention time"),
    "ms_level": ("ms_level",),
}
"""Names of each column, the best first."""
_REQUIRED = ("mz_array", "intensity_array", "precursor_mz")
_BATCH = 256
"""Rows in memory at a time."""
_MAX_POINTS = 1 << 21
"""Largest number of points of one row."""
_VALUE_BYTES = 8
_MAX_RATIO = 8
"""Largest number of values for each byte of a file; spectra have less than one."""
_MAX_UNPACKED = 1 << 23
"""Number of values that any file may hold, however small it is."""
_MAX_DIGITS = 18
"""Largest number of digits of a scan number."""
_Row = dict[str, Any]
_BYTES_OF = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
_ARRAY = pa.list_(pa.float64())
_WRITTEN = pa.schema(
    [
        *(("mz_array", _ARRAY), ("intensity_array", _ARRAY)),
        *(("precursor_mz", pa.float64()), ("precursor_charge", pa.int32())),
        *(("modified_sequence", pa.string()), ("scan_number", pa.int64())),
        *(("spectrum_id", pa.string()), ("retention_time", pa.float64())),
    ]
)


def scan_parquet(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the rows of a Parquet file, some hundreds at a time."""

    def batches(file: RawIOBase) -> Iterator[pa.RecordBatch]:
        table = pq.ParquetFile(file)
        _check_unpacked(_most_values(table.metadata), path)
        return table.iter_batches(_BATCH, columns=list(_columns(table.schema_arrow).values()))

    return _scan(path, batches)


def scan_arrow(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the rows of an Arrow IPC file (Feather 2), one batch of the file at a time."""

    def batches(file: RawIOBase) -> Iterator[pa.RecordBatch]:
        _check_unpacked(largest_unpacked(file) // _VALUE_BYTES, path)
        reader = pa.ipc.open_file(file)
        return (reader.get_batch(k) for k in range(reader.num_record_batches))

    return _scan(path, batches)


def read_frame(frame: Any) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the rows of a data frame.

    Parameters
    ----------
    frame : data frame or table
        Of pandas, polars, pyarrow or any other library with the Arrow interface
        (``__arrow_c_stream__``), with the columns ``mz_array``, ``intensity_array`` and
        ``precursor_mz``, and optionally ``precursor_charge``, ``modified_sequence``,
        ``scan_number``, ``spectrum_id``, ``retention_time`` (seconds) and ``ms_level``.

    Returns
    -------
    iterator of MeasuredSpectrum or Rejected
        One for each row.

    Raises
    ------
    InputError
        At the call, if a column is missing or has another type.
    """
    try:
        table = pa.table(frame)
        columns = _columns(table.schema)
    except (pa.ArrowException, FileError) as error:
        raise InputError(f"the data frame: {' '.join(str(error).split())}") from error
    return _records(table.to_batches(_BATCH), columns, "")


def write_spectra(path: Path, spectra: Iterable[MeasuredSpectrum]) -> int:
    """Write spectra to a Parquet file with the columns of `read_frame`.

    Parameters
    ----------
    path : Path
        The file.
    spectra : iterable of MeasuredSpectrum
        The spectra, some hundreds of them in memory at a time.

    Returns
    -------
    int
        Number of spectra.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    rest, n_written = iter(spectra), 0
    with (
        atomic_path(path) as temporary,
        temporary.open("wb") as file,
        pq.ParquetWriter(file, _WRITTEN, compression="zstd") as writer,
    ):
        while part := list(islice(rest, _BATCH)):
            rows = [
                {
                    "mz_array": s.mz,
                    "intensity_array": s.intensity,
                    "precursor_mz": s.precursor_mz,
                    "precursor_charge": s.precursor_charge,
                    "modified_sequence": s.peptide,
                    "scan_number": s.scan,
                    "spectrum_id": s.title,
                    "retention_time": s.retention_time,
                }
                for s in part
            ]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, _WRITTEN))
            n_written += len(part)
    return n_written


def _scan(
    path: Path, read: Callable[[RawIOBase], Iterable[pa.RecordBatch]]
) -> Iterator[MeasuredSpectrum | Rejected]:
    with open_bytes(path) as file:
        try:
            batches = map(_validated, read(file))
            first = next(batches, None)
            if first is not None:
                columns = _columns(first.schema)
                yield from _records((first,), columns, str(path), 0)
                yield from _records(batches, columns, str(path), len(first))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise FileError(f"the table is damaged ({' '.join(str(error).split())})") from error


def _validated(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Refuse a damaged batch: pyarrow ends the process where offsets lead out of its buffers."""
    for column in batch.columns:
        # As bytes: text that is no UTF-8 is the fault of its row alone.
        as_bytes = _BYTES_OF.get(column.type)
        (column.view(as_bytes) if as_bytes else column).validate(full=True)
    return batch


def _most_values(metadata: pq.FileMetaData) -> int:
    """Return the largest number of values, or of their bytes, of a column in a row group."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    columns = (group.column(k) for group in groups for k in range(metadata.num_columns))
    sizes = ((each.num_values, each.total_uncompressed_size // _VALUE_BYTES) for each in columns)
    return max(map(max, sizes), default=0)


def _check_unpacked(n_values: int, path: Path) -> None:
    """Refuse a table that would fill the memory: equal values take hardly any room in a file."""
    n_bytes = path.stat().st_size
    if n_values > max(_MAX_UNPACKED, _MAX_RATIO * n_bytes):
        raise FileError(f"its {n_bytes:,} bytes unpack to {n_values:,} values; are these spectra?")


def _columns(schema: pa.Schema) -> dict[str, str]:
    """Return the names of the columns in a table, with those that must exist and their types."""
    names = set(schema.names)
    if twice := sorted({name for name in names if schema.names.count(name) > 1}):
        raise FileError(f"the table has several columns {twice[0]!r}; expected one")
    found = {
        column: next(name for name in alternatives if name in names)
        for column, alternatives in _COLUMNS.items()
        if names & set(alternatives)
    }
    missing = [column for column in _REQUIRED if column not in found]
    if missing:
        shown = ", ".join(schema.names[:12]) + (", ..." if len(schema.names) > 12 else "")
        raise FileError(
            f"the table has no column {' and '.join(missing)}; expected {', '.join(_COLUMNS)}, got "
            f"{shown or 'none'}"
        )
    for column in _REQUIRED[:2]:
        kind = schema.field(found[column]).type
        if not (_is_list(kind) and _is_number(kind.value_type)):
            raise FileError(f"column {found[column]} must hold lists of numbers, got {kind}")
    return found


def _is_list(kind: pa.DataType) -> bool:
    return (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)


def _records(
    batches: Iterable[pa.RecordBatch], columns: dict[str, str], file: str, n_before: int = 0
) -> Iterator[MeasuredSpectrum | Rejected]:
    index = n_before
    for batch in batches:
        arrays = [batch.column(name) for name in columns.values()]
        for place in range(len(batch)):
            row = {name: array[place] for name, array in zip(columns, arrays, strict=True)}
            yield _record(row, file, index)
            index += 1


def _record(row: _Row, file: str, index: int) -> MeasuredSpectrum | Rejected:
    try:
        text = _text(row, "scan_number").removesuffix(".0")
        scan = int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else None
        title = _text(row, "title") or ("" if scan is None else f"scan={scan}")
    except SpectrumError as fault:
        return Rejected(file, str(fault), index=index, native_id=f"index={index}")
    origin = Origin(file, index, f"index={index}", title, scan=scan)
    return origin.record(lambda origin: _spectrum(origin, row))


def _spectrum(origin: Origin, row: _Row) -> MeasuredSpectrum:
    require_ms2(whole_number(_text(row, "ms_level"), "the MS level"))
    peaks = finish_peaks(_points(row, "mz_array"), _points(row, "intensity_array"))
    time = _number(row, "retention_time")
    peptide = _text(row, "modified_sequence")
    return origin.spectrum(
        peaks,
        _number(row, "precursor_mz"),
        charges_of(_text(row, "precursor_charge"), "the precursor charge"),
        retention_time=time if time is not None and 0 <= time < math.inf else None,
        **annotation(lambda: peptide or None),
    )


def _points(row: _Row, column: str) -> Float64[ndarray, " point"]:
    values = row[column].values
    if values is None:
        raise SpectrumError(f"{column} is missing")
    if len(values) > _MAX_POINTS:
        raise SpectrumError(f"{column} has over two million values; is this a spectrum?")
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _text(row: _Row, column: str) -> str:
    """Return a value as text; lists, as of tokenised peptides, are joined."""
    try:
        value = row[column].as_py() if column in row else None
    except (ValueError, OverflowError) as error:
        raise SpectrumError(f"{column} cannot be read ({str(error)[:80]})") from error
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "".join(map(str, value))
    return "" if value is None or value != value else str(value)


def _number(row: _Row, column: str) -> float | None:
    text = _text(row, column)
    try:
        return float(text) if text else None
    except ValueError:
        raise SpectrumError(f"{column} must be a number, got {text[:40]!r}") from None
