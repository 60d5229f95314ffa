"""Whatever ends `denovo sequence` with workers, the same command goes on to the same bytes."""

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from denovo.io.atomic_outputs import complete
from denovo.io.predictions.parts import RUN, part_files
from denovo.processes import n_cores
from tests.faults import record
from tests.faults.forked import Drill, Ended, ended, in_parts, run, started
from tests.faults.test_outputs import EMPTY, PARTS, TABLES, age, names_in
from tests.helpers.fake_model import mgf_of

pytestmark = pytest.mark.skipif(n_cores() < 2, reason="needs two cores")

COMMAND = ("sequence", "a.mgf", "--decoder", "greedy", "--overwrite", "--workers", "2")
COMMAND += ("--output", "o.csv", "--output", "o.parquet", "--report", "o.html")
NAMES = (*TABLES, "o.html")
N_SPECTRA = 31
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Undisturbed:
    """Outputs of a run that nothing ended, and how long it took."""

    outputs: dict[str, bytes]
    seconds: float


def make_folder(place: Path) -> Path:
    """Make a folder with spectra, to be run in."""
    folder = place / "work"
    folder.mkdir(parents=True)
    path = mgf_of(folder / "a.mgf", N_SPECTRA)
    path.write_text(EMPTY + path.read_text())
    return folder


def outputs_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in NAMES if (folder / name).exists()}


def sequenced(folder: Path) -> list[int]:
    """Return the chunks that were sequenced since the last call."""
    notes = folder.with_name("sequenced")
    found = [int(line) for line in notes.read_text().split()] if notes.exists() else []
    notes.unlink(missing_ok=True)
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = make_folder(tmp_path_factory.mktemp("whole"))
    start = time.monotonic()
    done = run(Drill(COMMAND, folder, program=in_parts))
    assert done.status == 0, done.error
    assert sorted(sequenced(folder)) == list(range(16))
    assert names_in(folder) == {"a.mgf", *NAMES}
    return Undisturbed(outputs_of(folder), time.monotonic() - start)


def check(folder: Path, done: Ended, undisturbed: Undisturbed) -> int:
    """Check what a run left, repeat it, and return how many parts the repetition went on from."""
    record.check("kills", "tracebacks", "Traceback" not in done.error, done.error)
    complete(folder / NAMES[0])
    left = outputs_of(folder)
    is_old = left == dict.fromkeys(NAMES, b"old")
    is_whole = is_old or left == undisturbed.outputs
    record.check("kills", "mixed", is_whole, {name: len(held) for name, held in left.items()})
    kept = part_files(folder / PARTS) if (folder / PARTS / RUN).exists() else {}
    sequenced(folder)
    again = run(Drill(COMMAND, folder, program=in_parts))
    record.check("kills", "tracebacks", "Traceback" not in again.error, again.error)
    assert again.status == 0, again.error
    anew = sequenced(folder)
    is_continued = sorted([*anew, *kept]) == list(range(16))
    record.check("kills", "results lost", is_continued, (sorted(kept), anew))
    record.check("kills", "mixed", outputs_of(folder) == undisturbed.outputs, "other bytes")
    assert names_in(folder) == {"a.mgf", *NAMES}
    return len(kept)


@pytest.mark.slow
def test_a_killed_run_with_workers_leaves_parts_with_which_the_next_goes_on(
    tmp_path: Path, undisturbed: Undisturbed
) -> None:
    """The operations on files before the fourth renaming: description, then three parts."""
    folder = make_folder(tmp_path)
    age(folder, NAMES)
    done = run(Drill(COMMAND, folder, 4, "os.rename", program=in_parts))
    assert done.status == -signal.SIGKILL
    assert outputs_of(folder) == dict.fromkeys(NAMES, b"old")
    assert check(folder, done, undisturbed) == 2


@pytest.mark.faults
def test_a_run_with_workers_that_is_ended_at_any_time_goes_on(
    tmp_path: Path, undisturbed: Undisturbed
) -> None:
    draw, numbers_kept = random.Random(0), set()
    for number in range(40):
        folder, kind = make_folder(tmp_path / str(number)), SIGNALS[number % len(SIGNALS)]
        age(folder, NAMES)
        drill = Drill(COMMAND, folder, program=in_parts)
        with started(drill) as process:
            time.sleep(draw.uniform(0, undisturbed.seconds))
            if process.is_alive():
                os.kill(process.pid, kind)
            done = ended(drill, process)
        assert done.status in (0, -kind, 128 + kind), (kind, done)
        record.tried["kills"] += done.status != 0
        numbers_kept.add(check(folder, done, undisturbed))
    assert numbers_kept & set(range(1, 16))


@pytest.mark.faults
def test_a_run_with_workers_that_is_killed_at_any_operation_goes_on(
    tmp_path: Path, undisturbed: Undisturbed
) -> None:
    numbers_kept = set()
    for number in range(1, 400, 11):
        folder = make_folder(tmp_path / str(number))
        age(folder, NAMES)
        done = run(Drill(COMMAND, folder, number, program=in_parts))
        record.tried["kills"] += done.status != 0
        numbers_kept.add(check(folder, done, undisturbed))
        if done.status == 0:
            break
        assert done.status == -signal.SIGKILL
    assert len(numbers_kept) > 3
