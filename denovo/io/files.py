"""Read files whole, compressed or not, and write them so that none is ever half-written."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from denovo.errors import InputError
from denovo.io.together import as_input_error, together, writing

_GZIP_MAGIC = b"\x1f\x8b"
_MAX_BYTES = 1 << 30
"""Of a file that is held in memory as a whole; all proteins of Swiss-Prot take a quarter of it."""


def check_regular(path: Path) -> None:
    """Refuse what is there but cannot be read like a file: a folder, or a pipe without an end.

    Raises
    ------
    InputError
        If the path is a folder, a pipe, a device or a socket.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a regular file; give a file, not a folder or a pipe")


def read_decompressed(path: str | Path) -> bytes:
    """Read a file, unpacking it if it is a gzip file, whatever its name.

    Parameters
    ----------
    path : str or Path
        The file; ``~`` stands for the home folder.

    Returns
    -------
    bytes
        Its content, decompressed.

    Raises
    ------
    InputError
        If the file is missing, no regular file, unreadable, a damaged gzip file, or larger than a
        GiB when it is unpacked.
    """
    path = Path(path).expanduser()
    try:
        check_regular(path)
        with path.open("rb") as file:
            is_packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
            file.seek(0)
            with gzip.GzipFile(fileobj=file) if is_packed else nullcontext(file) as source:
                content = source.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise InputError(f"{path} holds more than a GiB when unpacked; split it into parts")
        return content
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; check the path") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path} is a damaged gzip file ({error}); fetch it again") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def atomic_path(path: str | Path, patience: float = 10.0) -> Iterator[Path]:
    """Give a temporary path next to ``path`` to write to, and move it there at the end.

    Readers see the old file or the new one, never a part. If the block fails, for whatever reason,
    nothing is left behind and an older file stays as it was. Within `together`, the file moves when
    that block ends.

    Parameters
    ----------
    path : str or Path
        Where the file is to stand. Missing folders are made.
    patience : float
        Seconds to wait for another process that is writing the file.

    Yields
    ------
    Path
        The temporary path, in the same folder. The block does nothing but write to it.

    Raises
    ------
    InputError
        If the disk is full, the folder cannot be written, or another process writes the file.
    """
    path = Path(path)
    with together(path, patience=patience), as_input_error(path), writing(path) as temporary:
        yield temporary


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 text file in one step, as `atomic_path` does.

    What UTF-8 cannot encode is spelled out; see `encodable`.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written.
    """
    write_bytes(path, encodable(text).encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file in one step, as `atomic_path` does.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def encodable(text: str) -> str:
    r"""Spell out what UTF-8 cannot encode, such as a byte of a file name that is not text.

    The result is the same under every locale.

    Examples
    --------
    >>> encodable("run\udcff.mgf")
    'run\\xff.mgf'
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
