"""Writer and reader of predictions as CSV and TSV."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from denovo.errors import InputError
from denovo.io.predictions.columns import (
    REQUIRED_NAMES,
    RunRecord,
    from_texts,
    row_of,
    to_texts,
)
from denovo.spectra.prediction import Prediction

DELIMITERS = {".csv": ",", ".tsv": "\t"}


def write_delimited(
    path: Path, predictions: Iterable[Prediction], run: RunRecord, delimiter: str = ","
) -> None:
    """Write predictions as comma-separated values (RFC 4180), without the settings of the run.

    Every prediction is one line: control characters of titles become blanks. Missing values are
    empty. Residue scores are separated by commas, alternatives are ``PEPTIDE (-1.5); PEPTIDES``.
    """
    rows = (to_texts(prediction, run.columns) for prediction in predictions)
    write_rows(path, [column.name for column in run.columns], rows, delimiter)


def write_rows(
    path: Path, names: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str
) -> None:
    """Write a line of names and lines of cells."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a file, with the delimiter of its suffix."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream, delimiter=DELIMITERS[path.suffix.lower()]), [])


def read_delimited(path: Path) -> Iterator[Prediction]:
    """Read a file of `write_delimited`, with the delimiter of its suffix."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=DELIMITERS[path.suffix.lower()], strict=True)
        try:
            header = next(reader, [])
            missing = REQUIRED_NAMES.difference(header)
            for cells in () if missing else reader:
                if cells:  # not an empty line
                    yield from_texts(row_of(header, cells))
        except (ValueError, TypeError, csv.Error) as error:
            raise InputError(
                f"{path}, line {reader.line_num}: the prediction cannot be read ({error})"
            ) from error
    if missing:
        raise InputError(
            f"{path}: column {min(missing)!r} is missing; expected predictions that denovo wrote"
        )
