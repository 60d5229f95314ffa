"""Commands in forked children, each with a fault at a chosen moment.

A server process imports denovo once, and every drill is a fork of it: a command takes as long as
its work. Faults are placed by number: the n-th time that a command opens, renames or removes a file
in its folder, or lists the folder. Going through all numbers goes through all states that a kill
can leave behind.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from denovo.processes import ENDING_SIGNALS

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["denovo.cli", "tests.conftest", "tests.helpers.fake_model", "train"]
)
_EVENTS = {"open", "os.rename", "os.remove", "os.listdir"}
HANGS_S = 900.0
"""A command that has not ended by then hangs, also on a busy machine."""
CLOSED, GONE = "closed", "gone"
"""Standard streams that are closed, and pipes that nobody reads any more."""


def nothing() -> None:
    """Prepare nothing."""


def denovo(arguments: Sequence[str]) -> None:
    """Run ``denovo``, with a network that reads one peptide."""
    _use_fake_network()
    sys.argv = ["denovo", *arguments]
    from denovo.cli import main

    main()


def in_parts(arguments: Sequence[str]) -> None:
    """Run ``denovo`` in chunks of two entries, with forks as workers, and note every chunk."""
    from denovo import processes
    from denovo.sequencing import run_description, workers

    original, notes = workers.sequence_chunk, Path.cwd().with_name("sequenced")

    @wraps(original)  # which also makes it a function of the module for pickle
    def noted(pipeline: Any, number: int, entries: Any) -> Any:
        with notes.open("a") as stream:
            stream.write(f"{number}\n")
        return original(pipeline, number, entries)

    setattr(processes, "_START", "fork")  # noqa: B010
    for module in (workers, run_description):
        setattr(module, "CHUNK_SIZE", 2)  # noqa: B010
    setattr(workers, "sequence_chunk", noted)  # noqa: B010
    denovo(arguments)


def training(arguments: Sequence[str]) -> None:
    """Run ``train.py``."""
    import train
    from denovo.errors import exit_with_message

    sys.argv = ["train.py", *arguments]
    with exit_with_message():
        train.main()


@dataclass(frozen=True)
class Drill:
    """A command and what happens to it.

    Parameters
    ----------
    arguments : sequence of str
        Of the program.
    folder : Path
        Where it runs.
    number : int
        Which operation on a file of the folder the signal precedes; 0 for none.
    event : str
        Count operations of this kind only, such as ``"os.rename"``.
    signal : int
        The signal that it then gets.
    output, error : str
        Standard streams: the path of a file, `CLOSED` or `GONE`.
    prepare : callable
        Called in the child before the command; a function of a module.
    program : callable
        `denovo`, `in_parts` or `training`.
    """

    arguments: Sequence[str]
    folder: Path
    number: int = 0
    event: str = ""
    signal: int = signal.SIGKILL
    output: str = ""
    error: str = ""
    prepare: Callable[[], None] = nothing
    program: Callable[[Sequence[str]], None] = denovo

    def stream(self, name: str) -> str:
        """Return where a standard stream goes: by default to a file next to the folder."""
        return getattr(self, name) or str(self.folder.with_name(f"{self.folder.name}.{name}"))


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Parameters
    ----------
    status : int
        Exit status, or the negative number of the signal that killed it.
    output, error : str
        What it printed; empty if that did not go to a file.
    """

    status: int
    output: str = field(repr=False)
    error: str


@contextmanager
def started(drill: Drill) -> Iterator[BaseProcess]:
    """Start a command, and see to it that it is gone in the end."""
    process = CONTEXT.Process(target=_command, args=(drill,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def run(drill: Drill, timeout: float = HANGS_S) -> Ended:
    """Run a command to its end."""
    with started(drill) as process:
        return ended(drill, process, timeout)


def ended(drill: Drill, process: BaseProcess, timeout: float = HANGS_S) -> Ended:
    """Wait for the end of a command that was started."""
    process.join(timeout)
    assert process.exitcode is not None, "the command hangs"
    return Ended(process.exitcode, _read(drill.stream("output")), _read(drill.stream("error")))


def _read(stream: str) -> str:
    return Path(stream).read_text("utf-8") if Path(stream).is_file() else ""


def _command(drill: Drill) -> None:
    # The server blocks them if a test before had it started by `import_for_workers`.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING_SIGNALS)
    os.chdir(drill.folder)
    for number, name in ((1, "output"), (2, "error")):
        _direct(number, drill.stream(name))
    drill.prepare()
    if drill.number:
        sys.addaudithook(FileFault(drill.folder, drill.number, drill.signal, drill.event))
    drill.program(drill.arguments)


def _direct(number: int, stream: str) -> None:
    """Point a standard stream to a file or to nothing, as a shell would before Python starts."""
    name = {1: "stdout", 2: "stderr"}[number]
    if stream == CLOSED:
        os.close(number)
        setattr(sys, name, None)
        return
    if stream == GONE:
        reader, target = os.pipe()
        os.close(reader)
    else:
        target = os.open(stream, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(target, number)
    os.close(target)
    setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def _use_fake_network() -> None:
    import denovo.sequencing.networks as module
    from tests.conftest import load_vocabulary
    from tests.helpers.fake_model import fake_model

    setattr(module, "load_model", lambda path: fake_model(load_vocabulary("common")))  # noqa: B010


class FileFault:
    """An audit hook that sends a signal to this process before the n-th operation in a folder."""

    def __init__(self, folder: Path, number: int, kind: int, event: str = "") -> None:
        self.folder, self.left, self.kind = str(folder), number, kind
        self.events = {event} if event else _EVENTS

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in self.events or isinstance(arguments[0], int | None):
            return
        if os.path.abspath(os.fsdecode(arguments[0])).startswith(self.folder):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), self.kind)
