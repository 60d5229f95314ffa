"""Reading of spectra from files of any known format."""

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
    """Read the spectra of files one at a time, with a record of every entry.

    The content of a file determines its format, or its name if the content is unknown. An entry
    that cannot be used yields a `Rejected`, and so does a damaged file, after the entries before
    the damage.

    Parameters
    ----------
    paths : str, Path, or sequence of them
        Files, plain or compressed with gzip, or glob patterns. Each file is read once.

    Returns
    -------
    iterator of MeasuredSpectrum or Rejected
        In the order of the files and of their entries.

    Raises
    ------
    InputError
        At the call, if a file does not exist or a pattern matches none.
    """
    files = expand(paths)
    return (record for file in files for record in _read(file))


def expand(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """List the files of paths and glob patterns, each once, those of a pattern by name.

    A file that exists is not taken for a pattern; ``~`` is the home folder.

    Raises
    ------
    InputError
        If no path is given, a file does not exist or cannot be searched for, or a pattern matches
        none.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    files: dict[Path, Path] = {}  # by what they are, however they are spelled
    for path in paths:
        try:
            for file in _matches(path):
                files.setdefault(file.resolve(), file)
        except OSError as error:
            raise InputError(f"cannot find {path}: {error.strerror or error}") from error
    if not files:
        raise InputError(f"no spectrum file was given; expected {FORMATS}")
    return list(files.values())


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
