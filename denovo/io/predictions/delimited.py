"""Predictions as CSV and TSV: one row each, under the names of the columns."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from denovo.errors import InputError
from denovo.io.predictions.columns import NAMES, REQUIRED_NAMES, from_texts, to_texts
from denovo.io.predictions.run import RunRecord
from denovo.spectra.prediction import Prediction

_DELIMITERS = {".csv": ",", ".tsv": "\t"}


def write_csv(path: Path, predictions: Iterable[Prediction], run: RunRecord) -> None:
    """Write predictions with commas between the columns, as RFC 4180 has it.

    A row is a line: control characters of titles become blanks. Missing values are empty; residue
    scores have commas between them, and alternatives read ``PEPTIDE (-1.5); PEPTIDES``. The
    settings of the run are not in it.
    """
    _write(path, predictions, ",")


def write_tsv(path: Path, predictions: Iterable[Prediction], run: RunRecord) -> None:
    """Write predictions as `write_csv` does, with tabs between the columns."""
    _write(path, predictions, "\t")


def _write(path: Path, predictions: Iterable[Prediction], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        writer.writerow(NAMES)
        writer.writerows(map(to_texts, predictions))


def read_delimited(path: Path) -> Iterator[Prediction]:
    """Read what `write_csv` and `write_tsv` write; the suffix tells them apart.

    Raises
    ------
    InputError
        If a column is missing or a value cannot be read.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=_DELIMITERS[path.suffix.lower()], strict=True)
        try:
            missing = REQUIRED_NAMES.difference(reader.fieldnames or ())
            rows = iter(() if missing else reader)
            while row := next(rows, None):
                yield from_texts(row)
        except (ValueError, TypeError, csv.Error) as error:
            raise InputError(
                f"{path}, line {reader.line_num}: the prediction cannot be read ({error})"
            ) from error
    if missing:
        raise InputError(
            f"{path}: column {min(missing)!r} is missing; expected predictions that denovo wrote"
        )
