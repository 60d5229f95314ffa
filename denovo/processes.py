"""Worker processes: how many, and a pool of them that ends with its main process."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from denovo.errors import InputError


def n_cores() -> int:
    """Count the cores that this process may use, by its affinity and the quota of its container."""
    import joblib  # late: options are checked before libraries are loaded

    return joblib.cpu_count()


@contextmanager
def worker_pool(
    n_workers: int, prepare: Callable[..., None] | None = None, *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """Make a pool of processes, each of which first calls ``prepare(*arguments)``.

    Workers are spawned, as the main process may hold threads of torch or a GPU. They ignore signals
    that reach all processes of a terminal or a job; the main process decides what those mean. If
    the block ends normally, running tasks are completed; after an error or an interruption they
    are killed.

    Yields
    ------
    ProcessPoolExecutor
        Raises `BrokenProcessPool` if a worker is ended from outside.
    """
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        n_workers, context, initializer=_start, initargs=(prepare, arguments)
    )
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def refuse_in_starting_worker() -> None:
    """Raise an InputError in a worker that runs the calling script again while it starts.

    That happens where the script lacks ``if __name__ == "__main__"``. The worker would wait for its
    parent, and the parent for the worker.
    """
    # The flag that multiprocessing itself uses; it has no public name.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise InputError("the calling script lacks `if __name__ == '__main__'`")


def _start(prepare: Callable[..., None] | None, arguments: tuple[Any, ...]) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(AttributeError):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    if prepare is not None:
        prepare(*arguments)


def _exit_with_parent() -> None:
    """End this worker when its parent has ended; a killed parent cannot end it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
