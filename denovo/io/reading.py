"""Read spectra from files of any known format, one after the other."""

import glob
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from denovo.errors import InputError
from denovo.io.mgf import scan_mgf
from denovo.io.msp import scan_msp
from denovo.io.mzml import scan_mzml
from denovo.io.mzspeclib import scan_mzspeclib
from denovo.io.mzxml import scan_mzxml
from denovo.io.spectrum import MeasuredSpectrum, Rejected
from denovo.io.streams import FileError, read_head

Scan = Callable[[Path], Iterator[MeasuredSpectrum | Rejected]]

_ROOT = r"<(?:[\w.-]{{1,40}}:)?(?:{})\b"
_LINE = r"(?im)^[ \t]*{}[ \t]*{}"
# Searched for in the first 64 KiB, which may be anything: each pattern takes linear time.
_XML: tuple[tuple[re.Pattern[str], Scan], ...] = (
    (re.compile(_ROOT.format("mzSpecLib")), scan_mzspeclib),
    (re.compile(_ROOT.format("indexedmzML|mzML")), scan_mzml),
    (re.compile(_ROOT.format("mzXML|msRun")), scan_mzxml),
)
_TEXT: tuple[tuple[re.Pattern[str], Scan], ...] = (
    (re.compile(_LINE.format("BEGIN IONS", "\r?$")), scan_mgf),
    (re.compile(_LINE.format("Num ?Peaks", ":")), scan_msp),
)
_BY_SUFFIX: dict[str, Scan] = {
    ".mzspeclib": scan_mzspeclib,
    ".mzlib": scan_mzspeclib,
    ".mzml": scan_mzml,
    ".mzxml": scan_mzxml,
    ".mgf": scan_mgf,
    ".msp": scan_msp,
    ".sptxt": scan_msp,
}
FORMATS = "mgf, mzML, mzXML, msp, sptxt and mzSpecLib text, each also as .gz"


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
        If none is given, a file does not exist or a pattern matches none.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    files = dict.fromkeys(file for path in paths for file in _matches(path))
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
        for record in _scan_of(path)(path):
            n_read += 1
            yield record
        if not n_read:
            yield Rejected(str(path), "it holds no spectra")
    except FileError as fault:
        kept = f"; what precedes the damage was read ({n_read} entries)" if n_read else ""
        yield Rejected(str(path), f"{fault}{kept}", line=fault.line)


def _scan_of(path: Path) -> Scan:
    if path.is_dir():
        raise FileError(f"a folder, expected a file: {FORMATS}")
    head = read_head(path)
    if not head.strip("\0 \r\n\t"):
        raise FileError("it is empty")
    for pattern, scan in _XML if head.lstrip().startswith("<") else _TEXT:
        if pattern.search(head):
            return scan
    suffixes = [suffix.lower() for suffix in path.suffixes]
    for suffix in reversed(suffixes):
        if suffix in _BY_SUFFIX:
            return _BY_SUFFIX[suffix]
    raise FileError(f"its format is not known; expected {FORMATS}")
