"""Worker processes, in a pool that ends with its main process, and signals that Python drops."""

import multiprocessing
import os
import pickle
import queue
import signal
import sys
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection, forkserver, resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any

from denovo.errors import InputError, Stopped, check_at_least

# Workers that are forked from a process with their imports start at once and share its memory.
# macOS cannot do that.
# Its socket lies in the folder of temporary files, and the path of a socket has at most 107 bytes.
_MAX_FOLDER = 70
_START = (
    "forkserver"
    if sys.platform == "linux" and len(os.fsencode(tempfile.gettempdir())) <= _MAX_FOLDER
    else "spawn"
)
_Pipe = Any  # a Connection
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end a command, and that reach all processes of a terminal or a job."""
IN_FLIGHT = 2
"""Tasks that wait or run for each worker; more would only hold memory."""
_AGAIN_S = 0.05
"""Time after which a signal that was dropped is sent again, in seconds."""


class WorkerLostError(Exception):
    """A worker process was ended from outside, as happens when memory runs out."""


def n_cores() -> int:
    """Count the cores that this process may use, by its affinity and the quota of its container."""
    import joblib  # late: options are checked before libraries are loaded

    return joblib.cpu_count()


def check_cores(name: str, number: int) -> int:
    """Return a number of threads or processes.

    Raises
    ------
    InputError
        If it is not from 1 to the number of cores.
    """
    check_at_least(name, number, 1)
    if number > n_cores():
        raise InputError(
            f"{name} must be at most {n_cores()}, the number of cores available, got {number}"
        )
    return number


class WorkerPool:
    """Processes that take tasks, each through a pipe of its own.

    The workers of `concurrent.futures` share one pipe for their results: if one of them is killed
    while it writes, all others and the main process wait for the rest without end. Here the pipe
    ends with its worker.

    Parameters
    ----------
    workers : dict of pipe to process
        The processes, by the end of the pipe that this process holds.
    """

    def __init__(self, workers: dict[_Pipe, BaseProcess]) -> None:
        self._workers = workers

    def results(
        self, function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]
    ) -> Iterator[tuple[int, Any]]:
        """Compute ``function(*task)`` of each task; yields its number and result when it is ready.

        Tasks are taken as far ahead as workers need them. The function can be pickled; what it
        raises is raised here, and a WorkerLostError if a worker is ended from outside.
        """
        stream = enumerate(tasks)
        running: dict[_Pipe, deque[int]] = {worker: deque() for worker in self._workers}
        for worker in [*running] * IN_FLIGHT:
            _send_next(worker, function, stream, running[worker])
        while waited_for := [worker for worker, numbers in running.items() if numbers]:
            ready: list[_Pipe] = connection.wait(waited_for)
            for worker in ready:
                try:
                    has_failed, result = pickle.loads(worker.recv_bytes())
                except (EOFError, OSError) as error:
                    raise WorkerLostError from error
                number = running[worker].popleft()
                if has_failed:
                    raise result
                _send_next(worker, function, stream, running[worker])
                yield number, result

    def finish(self) -> None:
        """Let workers complete the tasks that run, drop those that wait, and end."""
        for worker in self._workers:
            with suppress(OSError):  # it has ended
                worker.send_bytes(b"")
        for worker in self._workers:
            with suppress(EOFError, OSError):
                while True:
                    worker.recv_bytes()

    def kill(self) -> None:
        """End workers in the middle of their tasks."""
        for process in self._workers.values():
            process.kill()

    def close(self) -> None:
        """Wait for the end of all workers."""
        for worker, process in self._workers.items():
            process.join()
            worker.close()


def import_for_workers(*modules: str) -> None:
    """Begin to import modules for the workers of this process, beside what this process does.

    The first call, before the first pool, has an effect; later ones have none.
    """
    if _START != "forkserver":
        return
    multiprocessing.set_forkserver_preload(list(modules))
    resource_tracker.ensure_running()  # it would unblock the signals
    # The process that imports inherits what is blocked; it handles no signal of a terminal itself.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING_SIGNALS)
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def worker_pool(
    n_workers: int,
    prepare: Callable[..., None] | None = None,
    *arguments: Any,
    completes: bool = False,
) -> Iterator[WorkerPool]:
    """Make a pool of processes, each of which first calls ``prepare(*arguments)``.

    Workers are no forks of the main process, which may hold threads of torch or a GPU. They ignore
    signals that reach all processes of a terminal or a job; the main process decides what those
    mean. After an error or an interruption of the block, workers are killed, or complete the tasks
    that run if ``completes``. What `prepare` raises is raised by the first task.

    Raises
    ------
    InputError
        If a worker that starts makes a pool; see `refuse_in_starting_worker`.
    """
    refuse_in_starting_worker()
    # A job of a sweep is a process of loky, whose own start method a new process does not know.
    inherited = multiprocessing.get_start_method(allow_none=True)
    if inherited not in (None, *multiprocessing.get_all_start_methods()):
        multiprocessing.set_start_method(_START, force=True)
    context: Any = multiprocessing.get_context(_START)
    workers: dict[_Pipe, BaseProcess] = {}
    pool = WorkerPool(workers)
    try:
        for _ in range(n_workers):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, prepare, arguments))
            process.start()
            workers[here] = process
            there.close()
        yield pool
        pool.finish()
    except BaseException:
        try:
            if completes:
                pool.finish()
        finally:  # also after a second signal
            pool.kill()
        raise
    finally:
        pool.close()


def refuse_in_starting_worker() -> None:
    """Raise an InputError in a worker that runs the calling script again while it starts.

    That happens where the script lacks ``if __name__ == "__main__"``. The worker would wait for its
    parent, and the parent for the worker.
    """
    # The flag that multiprocessing itself uses; it has no public name.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise InputError("the calling script lacks `if __name__ == '__main__'`")


def send_again(dropped: "sys.UnraisableHookArgs") -> None:
    """Send a signal again whose `Stopped` was dropped, as a `sys.unraisablehook`.

    Python drops what a signal handler raises within a finalizer or the callback of a weak
    reference: the program would go on to its end.

    Parameters
    ----------
    dropped : UnraisableHookArgs
        Exception that was dropped; any but `Stopped` is reported as usual.
    """
    if not isinstance(dropped.exc_value, Stopped):
        sys.__unraisablehook__(dropped)
        return
    main, number = threading.main_thread().ident, dropped.exc_value.signum
    timer = threading.Timer(_AGAIN_S, signal.pthread_kill, (main, number))
    timer.daemon = True
    timer.start()


def _send_next(
    worker: _Pipe,
    function: Callable[..., Any],
    stream: Iterator[tuple[int, tuple[Any, ...]]],
    numbers: deque[int],
) -> None:
    for number, task in stream:
        try:
            worker.send_bytes(pickle.dumps((function, task)))
        except OSError as error:
            raise WorkerLostError from error
        numbers.append(number)
        return


def _work(main: _Pipe, prepare: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    """Complete tasks until an empty message comes."""
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    # Tasks are received while another one runs, so that the main process never waits to send one.
    threading.Thread(target=_receive, args=(main, tasks), daemon=True).start()
    failure: Exception | None = None
    try:
        if prepare is not None:
            prepare(*arguments)
    except Exception as error:
        failure = error
    with suppress(OSError):  # the main process has ended
        while content := tasks.get():
            main.send_bytes(_outcome(content, failure))


def _outcome(task: bytes, failure: Exception | None) -> bytes:
    """Pickle whether a task has failed, and its result or its error."""
    try:
        if failure is not None:
            raise failure
        function, arguments = pickle.loads(task)
        return pickle.dumps((False, function(*arguments)))
    except Exception as error:
        text = traceback.format_exc()
        error.add_note(text)  # a pickled error has no traceback
        try:
            content = pickle.dumps((True, error))
            pickle.loads(content)
        except Exception:  # an error that cannot be pickled
            content = pickle.dumps((True, RuntimeError(text)))
        return content


def _receive(main: _Pipe, tasks: "queue.SimpleQueue[bytes]") -> None:
    with suppress(EOFError, OSError):
        while content := main.recv_bytes():
            tasks.put(content)
    with suppress(queue.Empty):
        while True:
            tasks.get_nowait()
    tasks.put(b"")


def _exit_with_parent() -> None:
    """End this worker when its parent has ended; a killed parent cannot end it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
