"""Atomic writing of the outputs of a run: all or none appear, and one run at a time writes them.

Several files cannot be renamed in one step. Therefore a run writes its outputs in this order:

1. It locks every output, with a lock that the operating system drops when the process ends. A
   second run is refused. The lock file ``.NAME.lock`` goes when the run ends.
2. It writes every file under the name ``.NAME.TAG.part`` in its own folder, and flushes it to the
   disk. ``TAG`` is random.
3. It writes a record ``.NAME.TAG.commit`` next to every file. All records list the same files. The
   record of the first file is written last and commits the run.
4. It renames the files and removes the records. Signals wait for the end of this step.

A run that dies before step 3 is complete leaves the old files; one that dies later leaves records
of the files to rename. The next process that locks an output, or reads it through `complete`,
finishes the renaming and then removes what other dead runs left next to that output; the lock shows
that their processes are dead. A record that is cut off is not JSON and is ignored. Records contain
the final names only, from which the temporary names follow, so that a foreign record can rename
only a ``.part`` file to its own name in its own folder.

A single output needs no record: its renaming is one step.
"""

import errno
import json
import logging
import os
import re
import secrets
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from denovo.errors import InputError
from denovo.processes import ENDING_SIGNALS

PART_SUFFIX = ".part"
"""Suffix of a file that is being written."""
_RECORD_SUFFIX = ".commit"
_MAX_NAME = 255 - len(f"..{'0' * 8}{_RECORD_SUFFIX}")
"""Longest name of an output in bytes: that of its record is longer."""
_CANNOT_LOCK = (errno.ENOLCK, errno.ENOTSUP)
_log = logging.getLogger(__name__)


class _BusyError(InputError):
    """Another process holds the lock of an output."""


class OutputGroup:
    """Outputs that a run holds, by their final paths; made by `together`."""

    def __init__(self, finals: Sequence[Path]) -> None:
        self._finals = finals
        self._tag = secrets.token_hex(4)
        self._written: set[Path] = set()
        self._is_committed = False

    @contextmanager
    def writing(self, final: Path) -> Iterator[Path]:
        """Yield the temporary path of an output, which is written if the block succeeds."""
        temporary = _part(final, self._tag)
        self._written.discard(final)
        try:
            yield temporary
            _flush(temporary)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._written.add(final)

    def commit(self) -> None:
        """Rename every file that was written to its final name."""
        finals = [final for final in self._finals if final in self._written]
        with _signals_deferred():
            if len(finals) > 1:
                _write_records(finals, self._tag)
                self._is_committed = True
            for final in finals:
                with as_input_error(final):
                    os.replace(_part(final, self._tag), final)
            _settle(finals, self._tag)

    def discard(self) -> None:
        """Remove the temporary files, unless the run is committed."""
        if not self._is_committed:
            for final in self._finals:
                _record(final, self._tag).unlink(missing_ok=True)
                _part(final, self._tag).unlink(missing_ok=True)


_held: dict[Path, OutputGroup] = {}
"""Outputs that this process holds, by final path."""


@contextmanager
def together(*paths: str | Path | None, patience: float = 0.0) -> Iterator[None]:
    """Lock the outputs of a run, and make those that the block writes appear together at its end.

    The block writes with `atomic_path`. If it fails, every output keeps its old content.
    Outputs that this process holds already belong to the outer block.

    Parameters
    ----------
    *paths : str, Path or None
        The outputs; None is skipped. Missing folders are made.
    patience : float
        Seconds to wait for another process that holds an output.

    Raises
    ------
    InputError
        If another process holds an output, one is a folder or named twice, or cannot be written.
    """
    with ExitStack() as stack:
        finals = [final for final in _places(paths) if final not in _held]
        for final in finals:
            with as_input_error(final):
                if stack.enter_context(_locked(final, patience)):
                    _recover(final)
        group = OutputGroup(finals)
        stack.callback(group.discard)
        try:
            _held.update(dict.fromkeys(finals, group))
            yield
        finally:
            for final in finals:
                _held.pop(final, None)
        group.commit()


@contextmanager
def atomic_path(path: str | Path, patience: float = 10.0) -> Iterator[Path]:
    """Yield a temporary path next to ``path`` to write to, and move the file there at the end.

    Readers see the old file or the new one, never a part. If the block fails, the temporary file is
    removed and an older file stays. Within `together`, the file moves when that block ends.

    Parameters
    ----------
    path : str or Path
        The file; missing folders are made.
    patience : float
        Seconds to wait for another process that writes the file.

    Yields
    ------
    Path
        The temporary path, in the same folder.

    Raises
    ------
    InputError
        If the disk is full, the folder cannot be written, or another process writes the file.
    """
    path = Path(path)
    with together(path, patience=patience), as_input_error(path):
        final = _place(path)
        with _held[final].writing(final) as temporary:
            yield temporary


def complete(path: str | Path) -> None:
    """Finish the renaming of a dead run that concerns a file, before the file is read.

    A file that is missing, or that a running process holds, is left alone.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    final = _target(Path(path))
    if final in _held:
        return
    with as_input_error(final), suppress(FileNotFoundError, NotADirectoryError, _BusyError):
        if any(_is_record(entry) for entry, _ in _left_by_others(final)):
            with _locked(final, 0.0) as is_locked:
                if is_locked:
                    _recover(final)


@contextmanager
def as_input_error(path: Path) -> Iterator[None]:
    """Convert an error of the operating system to a message about the file that is written."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; free some space or choose another "
            "folder"
        ) from error


def _places(paths: Iterable[str | Path | None]) -> list[Path]:
    """Return the canonical path of each output, and refuse those that are not possible."""
    finals: list[Path] = []
    for path in (Path(path) for path in paths if path is not None):
        with as_input_error(path):
            if path.is_dir():
                raise InputError(f"{path} is a folder; give the path of a file to write")
            if path.exists() and not path.is_file():
                raise InputError(f"{path} is not a regular file; give the path of a file to write")
            final = _place(path)
        if len(os.fsencode(final.name)) > _MAX_NAME:
            raise InputError(f"{path} has a name of over {_MAX_NAME} bytes; choose a shorter one")
        if final in finals:
            raise InputError(f"{path} is named twice among the outputs; name each file once")
        finals.append(final)
    return finals


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return _target(path)


def _target(path: Path) -> Path:
    """Return the canonical path of a file, which a symbolic link only names."""
    # Not `resolve`, to which a link to itself is an error.
    return Path(os.path.realpath(path)) if path.is_symlink() else path.parent.resolve() / path.name


def _part(final: Path, tag: str) -> Path:
    return final.with_name(f".{final.name}.{tag}{PART_SUFFIX}")


def _record(final: Path, tag: str) -> Path:
    return final.with_name(f".{final.name}.{tag}{_RECORD_SUFFIX}")


def _is_record(path: Path) -> bool:
    return path.name.endswith(_RECORD_SUFFIX)


def _left_by_others(final: Path) -> list[tuple[Path, str]]:
    """List temporary files and records of an output, each with its tag."""
    ending = f"(?:{re.escape(PART_SUFFIX)}|{re.escape(_RECORD_SUFFIX)})"
    pattern = re.compile(rf"\.{re.escape(final.name)}\.([0-9a-f]{{8}}){ending}")
    matches = [(name, pattern.fullmatch(name)) for name in os.listdir(final.parent)]
    return [(final.with_name(name), match[1]) for name, match in matches if match]


@contextmanager
def _locked(final: Path, patience: float) -> Iterator[bool]:
    """Lock an output; False on file systems without locks."""
    lock = FileLock(final.with_name(f".{final.name}.lock"), timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise _BusyError(
            f"{final} is being written by another process; wait for its end or choose another "
            "output"
        ) from None
    except OSError as error:
        if error.errno not in _CANNOT_LOCK:
            raise
        _log.warning("%s cannot be locked: %s", final, error.strerror)
    try:
        yield lock.is_locked
    finally:
        # A process that opened the file meanwhile finds that it was removed, and tries again.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _write_records(finals: Sequence[Path], tag: str) -> None:
    """Write the records, that of the first file last."""
    for final in reversed(finals):
        record = _record(final, tag)
        names = [os.path.relpath(other, record.parent) for other in finals]
        with as_input_error(final):
            record.write_text(json.dumps(names), encoding="ascii")
            _flush(record)
        _flush_folders([record])


def _committed_files(record: Path, tag: str) -> list[Path]:
    """Return the files of a committed run; empty if it is not committed."""
    try:
        names = json.loads(record.read_text(encoding="ascii"))
        finals = [Path(os.path.normpath(record.parent / name)) for name in names]
        is_committed = all(finals) and _record(finals[0], tag).exists()
    except (FileNotFoundError, ValueError, TypeError, IndexError, RecursionError):
        return []
    return finals if is_committed else []


def _recover(final: Path) -> None:
    """Finish the renaming of dead runs for a locked file, and remove their other files."""
    left = _left_by_others(final)
    for record, tag in left:
        if _is_record(record) and (finals := _committed_files(record, tag)):
            for other in finals:
                # Another process may be doing the same.
                with suppress(FileNotFoundError):
                    os.replace(_part(other, tag), other)
            _settle(finals, tag)
    for path, _ in left:
        path.unlink(missing_ok=True)


def _settle(finals: Sequence[Path], tag: str) -> None:
    """Flush the renaming to the disk, and remove the records."""
    _flush_folders(finals)
    for final in finals:
        _record(final, tag).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    # Without this a power cut after the renaming can leave an empty file under the final name.
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _flush_folders(paths: Sequence[Path]) -> None:
    for folder in {path.parent for path in paths}:
        # Not every file system supports it; the files themselves are flushed.
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Defer signals that would end the run; only the main thread receives signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)

    before = {}
    try:
        for number in ENDING_SIGNALS:
            # None is a handler that was not set from Python and cannot be restored.
            if signal.getsignal(number) not in (None, signal.SIG_IGN):
                before[number] = signal.signal(number, note)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in received:
            signal.raise_signal(number)
