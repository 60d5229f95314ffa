"""Tables as CSV, TSV or Parquet, by the suffix of the file."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from denovo.io.files import atomic_path
from denovo.io.predictions.delimited import DELIMITERS, write_rows
from denovo.io.predictions.extended import cell_of

TABLE_SUFFIXES = (*DELIMITERS, ".parquet")
"""Suffixes of tables."""


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table through `atomic_path`.

    Parameters
    ----------
    path : Path
        A file with one of `TABLE_SUFFIXES`.
    table : Table
        The rows; missing values are empty cells.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    with atomic_path(path) as temporary:
        if path.suffix.lower() == ".parquet":
            with temporary.open("wb") as file:
                pq.write_table(table, file, compression="zstd")
        else:
            texts = ([cell_of(value) for value in row.values()] for row in table.to_pylist())
            write_rows(temporary, table.column_names, texts, DELIMITERS[path.suffix.lower()])
