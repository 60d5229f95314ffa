"""Writing and reading of files of predictions in the format of their suffixes."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from denovo.errors import InputError
from denovo.io.atomic_outputs import as_input_error, complete, together
from denovo.io.files import atomic_path
from denovo.io.predictions.columns import RunRecord
from denovo.io.predictions.delimited import read_delimited, write_delimited
from denovo.io.predictions.mztab import read_mztab, write_mztab
from denovo.io.predictions.parquet import read_parquet, write_parquet
from denovo.spectra.prediction import Prediction


class _Format(NamedTuple):
    write: Callable[[Path, Iterable[Prediction], RunRecord], None]
    read: Callable[[Path], Iterator[Prediction]]


_FORMATS = {
    ".mztab": _Format(write_mztab, read_mztab),
    ".csv": _Format(write_delimited, read_delimited),
    ".tsv": _Format(partial(write_delimited, delimiter="\t"), read_delimited),
    ".parquet": _Format(write_parquet, read_parquet),
}
SUFFIXES = tuple(_FORMATS)


def check_outputs(outputs: Sequence[Path]) -> None:
    """Refuse outputs that cannot be written, before the computation; missing folders are made.

    Raises
    ------
    InputError
        If a suffix is unknown or a folder cannot be written.
    """
    for path in outputs:
        _format_of(path)
        check_folder(path)


def check_apart(read: Iterable[Path], written: Iterable[Path | None]) -> None:
    """Refuse an output that is also an input."""
    inputs = {path.resolve() for path in read}
    for path in written:
        if path is not None and path.resolve() in inputs:
            raise InputError(f"{path} is both read and written; choose another output")


def check_folder(path: Path) -> None:
    """Refuse a file whose folder cannot be made or written."""
    with as_input_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()


def write_predictions(
    outputs: Sequence[Path],
    predictions: Iterable[Prediction],
    run: RunRecord,
    on_row: Callable[[], None] = lambda: None,
) -> None:
    """Write predictions to files of one or several formats, all of them or none.

    Parameters
    ----------
    outputs : sequence of Path
        Files to write, in the formats of their suffixes.
    predictions : iterable of Prediction
        In the order of the rows; iterated once for each output, such as a `PartFolder`.
    run : RunRecord
        Origin of the predictions.
    on_row : callable
        Called for each prediction of each output, to show progress.

    Raises
    ------
    InputError
        If a suffix is unknown, the disk is full, an output is named twice or written by another
        process, or a folder cannot be written.
    """
    with together(*outputs):
        for path in outputs:
            with atomic_path(path) as temporary:
                _format_of(path).write(temporary, _counted(predictions, on_row), run)


def _counted(predictions: Iterable[Prediction], on_row: Callable[[], None]) -> Iterator[Prediction]:
    for prediction in predictions:
        yield prediction
        on_row()


def read_predictions(path: Path) -> Iterator[Prediction]:
    """Read predictions one at a time from a file that `write_predictions` wrote.

    The renaming of files by a run that was cut off is finished first.

    Parameters
    ----------
    path : Path
        mzTab, CSV, TSV or Parquet, by its suffix.

    Yields
    ------
    Prediction
        As written, with residue scores in single precision, absolute paths in mzTab, and, in text
        files, titles without control characters and of at most 32,767 characters.

    Raises
    ------
    InputError
        If the suffix is unknown or the file cannot be read.
    """
    with reading(path):
        yield from _format_of(path).read(path)


@contextmanager
def reading(path: Path, any_suffix: bool = False) -> Iterator[None]:
    """Finish the renaming of a file of predictions, and convert errors of reading to a message."""
    if not any_suffix:
        _format_of(path)
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a regular file; give a file of predictions")
    complete(path)
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text; expected a file of predictions") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _format_of(path: Path) -> _Format:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise InputError(
            f"{path}: the suffix gives the format of predictions; expected "
            f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}, got {path.suffix or 'none'}"
        ) from None
