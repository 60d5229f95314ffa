"""Reading of whole files, compressed or not, and atomic writing of files."""

import hashlib
from io import BufferedReader
from pathlib import Path

from denovo.errors import InputError
from denovo.io.atomic_outputs import atomic_path
from denovo.io.streams import FileError, open_bytes

_MAX_BYTES = 1 << 30
"""Largest number of bytes of an unpacked file in memory; the proteins of Swiss-Prot take 300 MB."""


def read_decompressed(path: str | Path) -> bytes:
    """Read a file, and unpack it if it is a gzip file, whatever its name.

    Parameters
    ----------
    path : str or Path
        The file; ``~`` is the home folder.

    Returns
    -------
    bytes
        The content, at most 1 GiB when unpacked.

    Raises
    ------
    InputError
        If the file is missing, not a regular file, unreadable, damaged or too large.
    """
    path = Path(path).expanduser()
    try:
        with open_bytes(path) as file, BufferedReader(file) as source:
            content = source.read(_MAX_BYTES + 1)
    except FileError as fault:
        raise InputError(f"{path}: {fault}; check the path and the file") from fault
    if len(content) > _MAX_BYTES:
        raise InputError(f"{path} holds more than a GiB when unpacked; split it into parts")
    return content


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_text(path: str | Path, text: str) -> None:
    """Write a text file in UTF-8, as `encodable` returns it, through `atomic_path`."""
    write_bytes(path, encodable(text).encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file through `atomic_path`."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def encodable(text: str) -> str:
    r"""Replace what UTF-8 cannot encode, such as a byte of a file name, by an escape sequence.

    Examples
    --------
    >>> encodable("run\udcff.mgf")
    'run\\xff.mgf'
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
