"""Streaming of bytes and lines of files, compressed or not, in common encodings."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BufferedReader, FileIO, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_GZIP_MAGIC = b"\x1f\x8b"
_HEAD = 1 << 16
_MAX_LINE_LENGTH = 1 << 20
"""Largest number of characters of one line."""
_MAX_RATIO = 200
"""Largest number of bytes unpacked per packed byte; spectra and their tables have 3 to 20."""
_ALWAYS_UNPACKED = 1 << 26
"""Number of unpacked bytes from which the ratio is checked."""


class FileError(Exception):
    """A file cannot be read, or not any further: the reason, and the line, 0 if unknown."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


class ReadPosition:
    """Position of the readers in the file that was opened last, in bytes on disk.

    It follows the files that are opened within a `watching` block.
    """

    def __init__(self) -> None:
        self.file: FileIO | None = None

    @property
    def n_bytes(self) -> int:
        """Number of bytes read of the file; 0 if none is open."""
        return 0 if self.file is None or self.file.closed else self.file.tell()

    @contextmanager
    def watching(self) -> Iterator["ReadPosition"]:
        """Follow the files that readers open within the block."""
        token = _WATCHER.set(self)
        try:
            yield self
        finally:
            _WATCHER.reset(token)


# A context variable, because readers are generators several calls below the progress display.
_WATCHER: ContextVar[ReadPosition | None] = ContextVar("watcher", default=None)


class _Unpacked(RawIOBase):
    """A gzip file without a buffer, which would lose the last piece before a fault."""

    def __init__(self, file: gzip.GzipFile, packed: FileIO) -> None:
        self._file, self._packed = file, packed
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        piece = self._file.read1(len(view))
        view[: len(piece)] = piece
        self._n_bytes += len(piece)
        if self._n_bytes > max(_ALWAYS_UNPACKED, _MAX_RATIO * self._packed.tell()):
            raise FileError(
                f"cannot be read to its end: it unpacks to more than {_MAX_RATIO} times its "
                "size, which spectra never do; unpack it to see its content"
            )
        return len(piece)


def _is_gzip(file: FileIO) -> bool:
    """Return whether an open file starts as a gzip file does, and go back to its start."""
    is_packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    file.seek(0)
    return is_packed


@contextmanager
def open_bytes(path: Path) -> Iterator[RawIOBase]:
    """Open a file, and unpack it if it is a gzip file, whatever its name.

    Missing, irregular, unreadable and damaged files, and those that unpack to a multiple of their
    size that no spectra have, are a `FileError`, also while they are read.
    """
    try:
        if path.exists() and not path.is_file():
            raise FileError("not a regular file, but a folder, a pipe or a device")
        with path.open("rb", buffering=0) as file:
            if watcher := _WATCHER.get():
                watcher.file = file
            if not _is_gzip(file):
                yield file
                return
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield _Unpacked(unpacked, file)
    except FileNotFoundError as error:
        raise FileError("no such file") from error
    except EOFError as error:
        raise FileError("cannot be read to its end: the gzip file is cut off") from error
    except (OSError, zlib.error) as error:
        raise FileError(f"cannot be read ({error})") from error


def read_head(path: Path) -> str:
    """Read the first 64 KiB of a file as text, or the part before damage."""
    head = bytearray()
    try:
        with open_bytes(path) as file:
            while len(head) < _HEAD and (piece := file.read(_HEAD - len(head))):
                head += piece
    except FileError:
        if not head:
            raise
    return head.decode(_encoding(head), errors="replace")


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number, from 1, and stripped text of every line; a line over a MiB is a `FileError`.

    Bytes that are not UTF-8 are read as Windows-1252: titles occur in both, and numbers are the
    same.
    """
    number = 0
    try:
        with open_bytes(path) as file:
            buffered = BufferedReader(file)
            encoding = _encoding(buffered.peek(2))
            errors = "replace" if encoding == "utf-16" else _AS_LATIN
            text = TextIOWrapper(buffered, encoding=encoding, errors=errors)
            while line := text.readline(_MAX_LINE_LENGTH):
                number += 1
                if len(line) == _MAX_LINE_LENGTH:
                    raise FileError("a line longer than a MiB; is this a text file?", number)
                yield number, line.strip()
    except FileError as fault:
        raise FileError(str(fault), fault.line or number) from fault
    except UnicodeError as error:
        raise FileError(f"its text cannot be decoded ({error})", number) from error


def _read_as_latin(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_AS_LATIN = "denovo.latin"
codecs.register_error(_AS_LATIN, _read_as_latin)


def _encoding(head: bytes | bytearray) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"
