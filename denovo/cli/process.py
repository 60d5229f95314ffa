"""Signals and failing standard streams of a command.

If a standard stream fails, only its text is lost. A reader of standard output that goes away
(``| head``) has what it wanted, so the command goes on and its status does not change. Any other
failure, such as a full disk, is reported on standard error at the end, with status 1.
"""

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO, cast

from denovo.errors import Stopped
from denovo.processes import ENDING_SIGNALS, send_again


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number, "no output is half-written")


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end the block as `Stopped`, so that it cleans up."""
    sys.unraisablehook = send_again
    for number in ENDING_SIGNALS:
        # nohup, and a shell that starts a command in the background, ignore some of them.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        yield
    except Stopped as stopped:
        sys.stderr.write(f"{stopped.sentence}\n")
        raise SystemExit(stopped.code) from None


class _Forgiving:
    """A standard stream that drops its text from its first failure on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, text: str) -> int:
        self._forgive(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._forgive(self._stream.flush)

    def _forgive(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            self.failure = self.failure or error
            # The rest of the buffer goes there; otherwise the interpreter would fail at its end.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def forgiving_streams() -> Iterator[None]:
    """Keep failures of standard output and standard error away from the block."""
    _open_missing()
    output, sys.stderr = _forgiving(sys.stdout), cast(TextIO, _forgiving(sys.stderr))
    sys.stdout = cast(TextIO, output)
    try:
        yield
    except SystemExit as end:
        output.flush()
        if output.failure is None or output.failure.errno == errno.EPIPE:
            raise
        results = "" if end.code else "; the files of this command are complete"
        sys.stderr.write(f"error: standard output: {output.failure.strerror}{results}\n")
        raise SystemExit(end.code or 1) from None


def _open_missing() -> None:
    # A file that takes the number of a closed standard stream would receive what libraries print.
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _forgiving(stream: TextIO | None) -> _Forgiving:
    if stream is None:  # closed
        stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(stream, io.TextIOWrapper):
        # A locale without some letters must not stop a command that prints a name or a bar.
        stream.reconfigure(errors="backslashreplace")
    return _Forgiving(stream)
