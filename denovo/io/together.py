"""Outputs of one run appear together or not at all, and one run at a time writes them.

Several files cannot be renamed in one step, so that a run writes its outputs in this order:

1. It locks every output, with a lock that the operating system drops when the process ends. A
   second run is refused. The lock file ``.NAME.lock`` goes when the run ends.
2. It writes every file under the name ``.NAME.TAG.part`` in its own folder, and flushes it to the
   disk. ``TAG`` is drawn for each run.
3. It writes a record ``.NAME.TAG.commit`` next to every file. All records list the same files. The
   record of the first file comes last: from then on the run is committed.
4. It renames the files and removes the records. Signals wait for the end of this step.

A run that dies before step 3 is complete leaves old files only; one that dies later leaves records
that promise the rest. Whoever locks an output next, or reads it through `complete`, keeps the
promise first and then removes what other dead runs left next to that output. The lock shows that
their processes are dead. A record that is cut off is no JSON and promises nothing. It names the
final files only, and the temporary names follow from them, so that no record of a stranger can
rename anything but a ``.part`` file to its own name in its own folder.

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

PART_SUFFIX = ".part"
"""How the name of a file that is being written ends."""
_RECORD_SUFFIX = ".commit"
_DEFERRED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CANNOT_LOCK = (errno.ENOLCK, errno.ENOTSUP)
_log = logging.getLogger(__name__)


class _BusyError(InputError):
    """Another process holds the lock of an output."""


class OutputGroup:
    """Outputs that a run holds; made by `together`.

    Parameters
    ----------
    finals : sequence of Path
        Where the files are to stand.
    """

    def __init__(self, finals: Sequence[Path]) -> None:
        self._finals = finals
        self._tag = secrets.token_hex(4)
        self._written: set[Path] = set()
        self._is_committed = False

    @contextmanager
    def writing(self, final: Path) -> Iterator[Path]:
        """Give the temporary path of an output, and count it as written if the block succeeds."""
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
        """Put every file that was written under its name."""
        finals = [final for final in self._finals if final in self._written]
        with _signals_deferred():
            if len(finals) > 1:
                _promise(finals, self._tag)
                self._is_committed = True
            for final in finals:
                with as_input_error(final):
                    os.replace(_part(final, self._tag), final)
            _settle(finals, self._tag)

    def discard(self) -> None:
        """Remove what has been written, unless it is committed."""
        if not self._is_committed:
            for final in self._finals:
                _record(final, self._tag).unlink(missing_ok=True)
                _part(final, self._tag).unlink(missing_ok=True)


_held: dict[Path, OutputGroup] = {}
"""Outputs that this process holds."""


@contextmanager
def together(*paths: str | Path | None, patience: float = 0.0) -> Iterator[None]:
    """Hold the outputs of a run, and make those that the block writes appear together at its end.

    The block writes with `denovo.io.atomic_path`. If it fails, every output stays
    as it was. Outputs that this process holds already belong to the outer block.

    Parameters
    ----------
    *paths : str, Path or None
        The outputs; None for one that was not asked for. Missing folders are made.
    patience : float
        Seconds to wait for another process that holds one of them.

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
def writing(path: Path) -> Iterator[Path]:
    """Give the temporary path of an output that `together` holds.

    The output counts as written if the block succeeds.
    """
    final = _place(path)
    with _held[final].writing(final) as temporary:
        yield temporary


def complete(path: str | Path) -> None:
    """Finish what a run that died has promised of a file, before the file is read.

    Parameters
    ----------
    path : str or Path
        The file. Nothing is done if it is not there or a living run holds it.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    final = Path(path).parent.resolve() / Path(path).name
    if final in _held:
        return
    with as_input_error(final), suppress(FileNotFoundError, NotADirectoryError, _BusyError):
        if any(_is_record(entry) for entry, _ in _left_by_others(final)):
            with _locked(final, 0.0) as is_locked:
                if is_locked:
                    _recover(final)


@contextmanager
def as_input_error(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence about the file that is written."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror or error}; free some space or choose another "
            "folder"
        ) from error


def _places(paths: Iterable[str | Path | None]) -> list[Path]:
    """Return the one name of each output, and refuse those that cannot be."""
    finals: list[Path] = []
    for path in (Path(path) for path in paths if path is not None):
        with as_input_error(path):
            if path.is_dir():
                raise InputError(f"{path} is a folder; give the path of a file to write")
            if path.exists() and not path.is_file():
                raise InputError(f"{path} is not a regular file; give the path of a file to write")
            final = _place(path)
        if final in finals:
            raise InputError(f"{path} is named twice among the outputs; name each file once")
        finals.append(final)
    return finals


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent.resolve() / path.name


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
    """Lock an output; false on the few file systems that have no locks."""
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
        # Who has opened the file meanwhile finds that it has no name any more, and tries again.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _promise(finals: Sequence[Path], tag: str) -> None:
    """Write the records, that of the first file last."""
    for final in reversed(finals):
        record = _record(final, tag)
        names = [os.path.relpath(other, record.parent) for other in finals]
        with as_input_error(final):
            record.write_text(json.dumps(names), encoding="ascii")
            _flush(record)
        _flush_folders([record])


def _promised(record: Path, tag: str) -> list[Path]:
    """Return the files of a run that is committed; none if it is not."""
    try:
        names = json.loads(record.read_text(encoding="ascii"))
        finals = [Path(os.path.normpath(record.parent / name)) for name in names]
        is_committed = all(finals) and _record(finals[0], tag).exists()
    except (FileNotFoundError, ValueError, TypeError, IndexError, RecursionError):
        return []
    return finals if is_committed else []


def _recover(final: Path) -> None:
    """Keep the promises of dead runs about a file, and remove what else they left; it is locked."""
    left = _left_by_others(final)
    for record, tag in left:
        if _is_record(record) and (finals := _promised(record, tag)):
            for other in finals:
                # Another process may be doing the same.
                with suppress(FileNotFoundError):
                    os.replace(_part(other, tag), other)
            _settle(finals, tag)
    for path, _ in left:
        path.unlink(missing_ok=True)


def _settle(finals: Sequence[Path], tag: str) -> None:
    """Make the renaming last, and remove the records."""
    _flush_folders(finals)
    for final in finals:
        _record(final, tag).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    # Without this a power cut after the renaming can leave an empty file under the final name.
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _flush_folders(paths: Sequence[Path]) -> None:
    for folder in {path.parent for path in paths}:
        # Not every file system takes it; the files themselves are safe.
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Let signals that would end the run wait; only the main thread receives any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)

    before = {}
    try:
        for number in _DEFERRED:
            # None is a handler that was not set from Python, which cannot be set again.
            if signal.getsignal(number) not in (None, signal.SIG_IGN):
                before[number] = signal.signal(number, note)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in received:
            signal.raise_signal(number)
