"""Sequencing on a Dask cluster: chunks of entries go to its workers, parts come as they are ready.

The scheduler stores chunks and parts as bytes, so that it needs neither denovo nor torch.
"""

import asyncio
import ctypes
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

from distributed import Client, Future, KilledWorker, get_worker, wait
from distributed.comm import CommClosedError
from distributed.core import rpc
from distributed.security import Security

from denovo.errors import InputError
from denovo.io.predictions.parts import Part
from denovo.processes import IN_FLIGHT
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.sequencing.workers import (
    Entries,
    SequencingJob,
    digest_of_network,
    sequence_chunk,
)

_PATIENCE_S = 10.0
"""Within which a scheduler must answer and have a worker."""
_LOST_S = 60.0
"""For which a cluster may be without workers during a run, such as while they are restarted."""
_POLL_S = 2.0
_DECISIVE = ("denovo", "torch", "numpy")
"""Packages whose versions results depend on."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def sequence_on_cluster(
    job: SequencingJob, chunks: Iterable[tuple[int, Entries]], address: str
) -> Iterator[Part]:
    """Sequence numbered chunks on the workers of a Dask cluster.

    A chunk whose worker ends is sequenced by another one. Workers may come and go.

    Parameters
    ----------
    job : SequencingJob
        What workers load. Its network lies under the same path on every worker.
    chunks : iterable of (int, list)
        Number of each chunk, and its entries. They are read as far ahead as workers need them.
    address : str
        Of the scheduler: ``HOST:PORT``, or with a protocol that Dask knows.

    Yields
    ------
    Part
        One for each chunk, in the order in which they are ready.

    Raises
    ------
    InputError
        If the scheduler does not answer or ends, if it has no workers, or if a worker has other
        versions, another network or several threads.
    """
    if job.checkpoint is not None and job.checkpoint.exists():
        job = replace(job, checkpoint=job.checkpoint.absolute())
    with _connected(address) as client:
        try:
            yield from _as_completed(client, job, chunks)
        except KilledWorker as error:
            raise InputError(
                f"a chunk ended {error.allowed_failures + 1} workers of {address} one after the "
                "other, as happens when memory runs out; what was sequenced is kept, so give "
                "workers more memory and repeat the command"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise InputError(
                f"the Dask scheduler at {address} was lost; what was sequenced is kept, so repeat "
                "the command when it answers again"
            ) from error


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler that has workers."""
    url = address if "://" in address else f"tcp://{address}"
    try:
        # A client would wait without end for another program that listens there.
        found = asyncio.run(asyncio.wait_for(_identity(url), _PATIENCE_S))
        if found["type"] != "Scheduler":
            raise ValueError(f"a {found['type']} answers")
        client = Client(url, timeout=_PATIENCE_S)
    except Exception as error:  # of whatever that program sends
        raise InputError(
            f"no Dask scheduler answers at {address} within {_PATIENCE_S:.0f} s; give --address "
            "HOST:PORT as `dask scheduler` prints it"
        ) from error
    try:
        with suppress(TimeoutError):
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        if not _n_workers(client):
            raise InputError(
                f"the Dask scheduler at {address} has no workers; start some with `dask worker "
                f"{address} --nthreads 1 --nworkers N`"
            )
        yield client
    finally:
        client.close()


def _n_workers(client: Client) -> int:
    found: Any = client.nthreads()
    return len(found)


async def _identity(url: str) -> Any:
    async with rpc(url, connection_args=Security().get_connection_args("client")) as server:
        return await server.identity()


def _as_completed(
    client: Client, job: SequencingJob, chunks: Iterable[tuple[int, Entries]]
) -> Iterator[Part]:
    versions, run = {name: _version(name) for name in _DECISIVE}, _task_on_worker()
    running: set[Future] = set()
    for number, entries in chunks:
        task = pickle.dumps((_sequence_on_worker, job, number, entries))
        running.add(client.submit(run, versions, task, pure=False))
        while running and len(running) >= IN_FLIGHT * _n_workers(client):
            yield from _finished(client, running)
    while running:
        yield from _finished(client, running)


def _finished(client: Client, running: set[Future]) -> Iterator[Part]:
    """Wait for the next results, and take them out of those that run."""
    last_seen = time.monotonic()
    while True:
        try:
            found: Any = wait(list(running), timeout=_POLL_S, return_when="FIRST_COMPLETED")
            break
        except TimeoutError:
            now = time.monotonic()
            if _n_workers(client):
                last_seen = now
            elif now - last_seen > _LOST_S:
                raise InputError(
                    "all workers of the Dask cluster are lost; what was sequenced is kept, so "
                    "start workers and repeat the command"
                ) from None
    for future in found.done:
        result = _fetched(future)
        if result is not None:
            running.discard(future)
            yield _part_of(result)


def _fetched(future: Future) -> bytes | tuple[str, dict[str, str]] | None:
    """Fetch a result; None if its worker ended after the task, so that it has to be run again.

    Without a limit Dask would wait for another worker, for ever if there is none.
    """
    try:
        return future.result(timeout=_LOST_S)
    except TimeoutError:
        if future.status == "error":  # it was raised by the task
            raise
        return None


def _part_of(result: bytes | tuple[str, dict[str, str]]) -> Part:
    if isinstance(result, bytes):
        return pickle.loads(result)
    worker, found = result
    differing = ", ".join(
        f"{name} {theirs}, here {_version(name)}"
        for name, theirs in found.items()
        if theirs != _version(name)
    )
    raise InputError(f"worker {worker} has {differing}; install the same versions on all machines")


def _version(package: str) -> str:
    return str(import_module(package).__version__)


def _task_on_worker() -> Callable[[dict[str, str], bytes], bytes | tuple[str, dict[str, str]]]:
    """Make the function that workers run.

    It is nested so that it is pickled with its code: the scheduler, which unpickles it, may lack
    denovo. A worker of other versions returns its address and those.
    """

    def run(versions: dict[str, str], task: bytes) -> Any:
        import pickle
        from importlib import import_module

        from distributed import get_worker

        found = {}
        for name in versions:
            try:
                found[name] = str(import_module(name).__version__)
            except ImportError:
                found[name] = "missing"
        if found != versions:
            return get_worker().address, found
        function, *arguments = pickle.loads(task)
        return pickle.dumps(function(*arguments))

    return run


_loaded: tuple[SequencingJob, SpectrumSequencer] | None = None
"""What this worker process sequences with."""


def _sequence_on_worker(job: SequencingJob, number: int, entries: Entries) -> Part:
    global _loaded
    if _loaded is None or _loaded[0] != job:
        _loaded = job, _load(job)
    return sequence_chunk(_loaded[1], number, entries)


def _load(job: SequencingJob) -> SpectrumSequencer:
    """Load the network of a job, and refuse a worker that would compute something else."""
    worker = get_worker()
    if worker.state.nthreads != 1:
        raise InputError(
            f"worker {worker.address} has {worker.state.nthreads} threads; start it with "
            "--nthreads 1, and more workers with --nworkers"
        )
    _keep_freed_memory()
    try:
        model, pipeline = replace(job, digest="").load()
    except InputError as error:
        raise InputError(f"worker {worker.address}: {error}") from error
    if digest_of_network(model) != job.digest:
        raise InputError(
            f"worker {worker.address} has another network in {model.path} than this machine; copy "
            "it there"
        )
    return pipeline


def _keep_freed_memory() -> None:
    """Let malloc keep what is freed, as it does by default.

    Dask starts workers with MALLOC_TRIM_THRESHOLD_, under which glibc returns the memory of every
    batch to the system: that doubled the CPU time.
    """
    with suppress(OSError, AttributeError, TypeError):  # not glibc
        malloc = ctypes.CDLL(None)
        malloc.mallopt(_M_TRIM_THRESHOLD, 2**30)
        malloc.mallopt(_M_MMAP_THRESHOLD, 2**25)
