"""Whatever ends `denovo simulate`, finished files stay, and the next run makes the same store."""

import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.simulation.store import Manifest
from tests.faults import record
from tests.faults.forked import Drill, ended, run, started

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
COMMAND = ("simulate", "--output", "stores", "--n-peptides", "60")
COMMAND += ("+data.sources.recipe.shard_size=5", "data.sources.processes=1")
POOL = (*COMMAND[:-1], "data.sources.processes=2")


def files_of(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, but for the lock."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def finished(folder: Path) -> dict[Path, int]:
    """Return the files that the manifest of an interrupted store counts, and when they changed."""
    for store in folder.glob("stores/*"):
        with suppress(InputError):
            return {path: path.stat().st_mtime_ns for path in Manifest.load(store).paths}
    return {}


def check(whole: Path, folder: Path, drill: Drill, status: int, error: str) -> None:
    """Compare what the next run makes of an ended one with what an undisturbed run makes."""
    if status == 0:
        return
    record.tried["kills"] += 1
    record.check("kills", "tracebacks", "Traceback" not in error, error)
    assert status in (-drill.signal, 128 + drill.signal)
    kept = finished(folder)
    done = run(Drill(COMMAND, folder))
    assert done.status == 0, done.error
    are_kept = all(path.stat().st_mtime_ns == changed for path, changed in kept.items())
    record.check("kills", "results lost", are_kept, kept)
    record.check("kills", "mixed", files_of(folder) == files_of(whole), drill)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(Drill(COMMAND, folder)).status == 0
    return folder


@pytest.mark.faults
def test_a_simulation_that_is_ended_at_any_operation_is_completed(
    whole: Path, tmp_path: Path
) -> None:
    for number in range(1, 200, 23):
        folder = tmp_path / str(number)
        folder.mkdir()
        drill = Drill(COMMAND, folder, number, signal=SIGNALS[number % len(SIGNALS)])
        done = run(drill)
        check(whole, folder, drill, done.status, done.error)
        if done.status == 0:
            break


@pytest.mark.faults
@pytest.mark.parametrize(
    ("command", "n_times"), [(COMMAND, 8), (POOL, 2)], ids=["alone", "workers"]
)
def test_a_simulation_that_is_killed_at_any_time_is_completed(
    whole: Path, tmp_path: Path, command: tuple[str, ...], n_times: int
) -> None:
    start, draw = time.monotonic(), random.Random(0)
    (tmp_path / "first").mkdir()
    assert run(Drill(command, tmp_path / "first")).status == 0
    longest = time.monotonic() - start
    assert files_of(tmp_path / "first") == files_of(whole)
    for number in range(n_times):
        folder = tmp_path / str(number)
        folder.mkdir()
        drill = Drill(command, folder)
        with started(drill) as process:
            process.join(draw.uniform(0, longest))
            process.kill()
            done = ended(drill, process)
        check(whole, folder, drill, done.status, done.error)
