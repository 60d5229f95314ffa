"""Orderly end of a job after a signal."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from denovo.errors import Stopped
from denovo.processes import send_again

GRACE_S = 25.0
"""Longest wait for a step to end, in seconds: SLURM waits 30 s by default before it kills."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)


class SignalWatch:
    """Turn SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 into `Stopped`, at once or at the next safe point.

    A context manager that may be nested. The first signal counts. Later ones are ignored, since
    cluster managers send several; only a second Ctrl-C ends the job at once.

    Attributes
    ----------
    asked : Signals or None
        The first signal since the start of the process.
    """

    def __init__(self) -> None:
        self.asked: signal.Signals | None = None
        self._is_over_jobs = False
        self._depth = 0
        self._is_held = False
        self._hint = ""
        self._previous: dict[signal.Signals, object] = {}
        self._previous_hook: Callable[..., object] = sys.unraisablehook
        self._timer: threading.Timer | None = None

    def __reduce__(self) -> str:
        # A worker process that receives `watch` uses its own.
        return "watch"

    def __enter__(self) -> "SignalWatch":
        self._depth += 1
        if self._depth == 1 and threading.current_thread() is threading.main_thread():
            self._previous = {signum: signal.getsignal(signum) for signum in _SIGNALS}
            self._previous_hook, sys.unraisablehook = sys.unraisablehook, self._send_again
            self._install()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth:
            return
        self.release()
        previous, self._previous = self._previous, {}
        if previous:
            sys.unraisablehook = self._previous_hook
        for signum, handler in previous.items():
            signal.signal(signum, handler)  # pyright: ignore[reportArgumentType]
        handler = previous.get(self.asked) if self.asked else None
        # For example that of submitit, which requeues the job in SLURM.
        if callable(handler) and handler is not signal.default_int_handler:
            handler(self.asked, None)

    @contextmanager
    def over_jobs(self) -> Iterator[None]:
        """Pass signals on to child processes, which are jobs, and wait for their end."""
        with self:
            self._is_over_jobs = True
            try:
                yield
            finally:
                self._is_over_jobs = False

    @contextmanager
    def within_a_job(self) -> Iterator[None]:
        """Do not pass signals on to child processes, which are workers of the job."""
        before, self._is_over_jobs = self._is_over_jobs, False
        try:
            yield
        finally:
            self._is_over_jobs = before

    def hold(self, hint: str) -> None:
        """Let signals wait until `release`, at most `GRACE_S`; ``hint`` is that of `Stopped`."""
        self._is_held, self._hint = True, hint
        if self._previous:
            # The handlers of Lightning, installed since, would end the training within a step.
            self._install()

    def release(self) -> None:
        """End the wait; the caller of `hold` then checks `asked`."""
        self._is_held = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _install(self) -> None:
        for signum in _SIGNALS:
            signal.signal(signum, self._handle)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        is_first, self.asked = self.asked is None, self.asked or signal.Signals(signum)
        if not is_first and signum != signal.SIGINT:
            return
        jobs = multiprocessing.active_children() if self._is_over_jobs else []
        for job in jobs:
            job.terminate()
        if not is_first or not (self._is_held or jobs):
            raise Stopped(self.asked, self._hint)
        self._timer = threading.Timer(GRACE_S, self._give_up)
        self._timer.daemon = True
        self._timer.start()

    def _send_again(self, dropped: "sys.UnraisableHookArgs") -> None:
        """Forget a signal whose `Stopped` was dropped, so that it counts when it is sent again."""
        if isinstance(dropped.exc_value, Stopped) and not self._is_held:
            self.asked = None
        send_again(dropped)

    def _give_up(self) -> None:
        """Exit from another thread: the main one hangs, and may not run Python code."""
        assert self.asked is not None
        stopped = Stopped(self.asked, self._hint)
        sys.stderr.write(f"{stopped.sentence}; the last step did not end within {GRACE_S:g} s\n")
        sys.stderr.flush()
        os._exit(128 + self.asked)


watch = SignalWatch()
"""The only instance: signals belong to the process."""
