"""Read files whole, compressed or not, and write them so that none is ever half-written."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from denovo.errors import InputError

_GZIP_MAGIC = b"\x1f\x8b"
_MOST_BYTES = 1 << 30
"""Of a file that is held in memory as a whole; all proteins of Swiss-Prot take a quarter of it."""
PART_SUFFIX = ".part"
"""How the name of a file that is being written ends."""


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
                content = source.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
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
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to, and move it there at the end.

    Readers see the old file or the new one, never a part. If the block fails, for whatever reason,
    nothing is left behind and an older file stays as it was.

    Parameters
    ----------
    path : str or Path
        Where the file is to stand. Missing folders are made.

    Yields
    ------
    Path
        The temporary path, in the same folder. The block does nothing but write to it.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{PART_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            _flush_to_disk(temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; free some space or choose another "
            "folder"
        ) from error


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 text file in one step, as `atomic_path` does.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _flush_to_disk(path: Path) -> None:
    # Without this a power cut after the renaming can leave an empty file under the final name.
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
