"""Files of predictions, each in the format that its suffix names."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from denovo.errors import InputError
from denovo.io.files import atomic_path, check_regular
from denovo.io.predictions.delimited import read_delimited, write_csv, write_tsv
from denovo.io.predictions.mztab import read_mztab, write_mztab
from denovo.io.predictions.parquet import read_parquet, write_parquet
from denovo.io.predictions.run import RunRecord
from denovo.io.together import complete, together
from denovo.spectra.prediction import Prediction


class _Format(NamedTuple):
    write: Callable[[Path, Iterable[Prediction], RunRecord], None]
    read: Callable[[Path], Iterator[Prediction]]


_FORMATS = {
    ".mztab": _Format(write_mztab, read_mztab),
    ".csv": _Format(write_csv, read_delimited),
    ".tsv": _Format(write_tsv, read_delimited),
    ".parquet": _Format(write_parquet, read_parquet),
}
SUFFIXES = tuple(_FORMATS)


def check_outputs(outputs: Sequence[Path]) -> None:
    """Refuse outputs that cannot be written, before anything is computed.

    Folders that are missing are made.

    Raises
    ------
    InputError
        If a suffix is not known or a folder cannot be written.
    """
    for path in outputs:
        _format_of(path)
        check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse a file whose folder cannot be made or written.

    Raises
    ------
    InputError
        With the cause.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; choose another folder"
        ) from error


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
        In the order of their rows; gone through once for each output, such as a
        `PredictionSpool`. One batch of them is held in memory.
    run : RunRecord
        Where they come from.
    on_row : callable
        Called for each prediction of each output, to show progress.

    Raises
    ------
    InputError
        If a suffix is not known, the disk is full, an output is named twice or written by another
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
    """Read predictions one after the other from a file that `write_predictions` wrote.

    If the run that wrote it was cut off while its files were being renamed, that is finished first.

    Parameters
    ----------
    path : Path
        mzTab, CSV, TSV or Parquet, by its suffix.

    Yields
    ------
    Prediction
        As it was written, but for residue scores in single precision, control characters of titles
        and what they have beyond 32,767 characters where it is text, and paths, which are absolute
        in mzTab.

    Raises
    ------
    InputError
        If the suffix is not known or the file cannot be read.
    """
    form = _format_of(path)
    check_regular(path)
    complete(path)
    try:
        yield from form.read(path)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text; expected a file that denovo wrote") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _format_of(path: Path) -> _Format:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise InputError(
            f"{path}: the format of predictions is told by the suffix, expected "
            f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}, got {path.suffix or 'none'}"
        ) from None
