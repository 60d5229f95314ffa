"""Read spectra from files of any known format, one after the other."""

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from denovo.errors import InputError
from denovo.io.formats import FORMATS, format_of
from denovo.io.streams import FileError
from denovo.spectra.measured import MeasuredSpectrum, Rejected


def open_spectra(
    paths: str | Path | Sequence[str | Path],
) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the spectra of files one after the other, and account for every entry.

    The format is told by the content of a file, and by its name only where the content does not
    tell. One spectrum at a time is held in memory. What cannot be used is never passed over in
    silence: it comes as a `Rejected`, and so does a file that is damaged, after what could be read
    of it.

    Parameters
    ----------
    paths : str, Path, or sequence of them
        Files, plain or compressed with gzip; strings may be glob patterns. Each file is read once,
        however often it is named.

    Returns
    -------
    iterator of MeasuredSpectrum or Rejected
        In the order of the files and of their entries.

    Raises
    ------
    InputError
        At once, if a file does not exist or a pattern matches none.
    """
    files = expand(paths)
    return (record for file in files for record in _read(file))


def expand(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """List the files that paths and glob patterns name, each once, a pattern's in order of name.

    A file that exists is never taken for a pattern; ``~`` stands for the home folder.

    Raises
    ------
    InputError
        If none is given, a file does not exist or cannot be looked for, or a pattern matches none.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    files: dict[Path, None] = {}
    for path in paths:
        try:
            files |= dict.fromkeys(_matches(path))
        except OSError as error:
            raise InputError(f"cannot find {path}: {error.strerror or error}") from error
    if not files:
        raise InputError(f"no spectrum file was given; expected {FORMATS}")
    return list(files)


def _matches(path: str | Path) -> list[Path]:
    plain = Path(path).expanduser()
    if plain.exists():
        return [plain]
    if not glob.has_magic(str(path)):
        raise InputError(f"{path} does not exist; check the path")
    found = sorted(glob.glob(str(plain), recursive=True))
    if not found:
        raise InputError(f"{path}: no file matches this pattern")
    return [Path(file) for file in found]


def _read(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    n_read = 0
    try:
        for record in format_of(path).scan(path):
            n_read += 1
            yield record
        if not n_read:
            yield Rejected(str(path), "it holds no spectra")
    except FileError as fault:
        kept = f"; what precedes the damage was read ({n_read} entries)" if n_read else ""
        yield Rejected(str(path), f"{fault}{kept}", line=fault.line)
