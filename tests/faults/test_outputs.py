"""Whatever ends `denovo sequence`, its files are all old or all new, and the next run tidies up."""

import csv
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from denovo.cli.plot_run import find_prediction
from denovo.io import find_spectrum
from denovo.io.predictions import read_predictions
from tests.faults import record
from tests.faults.forked import CLOSED, GONE, Drill, Ended, ended, run, started
from tests.helpers.fake_model import mgf_of

EMPTY = "BEGIN IONS\nTITLE=empty\nPEPMASS=500\nCHARGE=2+\nEND IONS\n"
TABLES = ("o.csv", "o.parquet", "o.rejected.csv")
COMMAND = ("sequence", "a.mgf", "--decoder", "greedy", "--overwrite")
COMMAND += ("--output", "o.csv", "--output", "o.parquet")
N_SPECTRA = 3
PARTS = "o.csv.parts"
"""The parts of a run that was cut off, with which the next one goes on."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with spectra, and with outputs that are all marked as old."""
    folder = tmp_path / "work"
    folder.mkdir()
    path = mgf_of(folder / "a.mgf", N_SPECTRA)
    path.write_text(path.read_text() + EMPTY)
    age(folder)
    return folder


def age(folder: Path, names: tuple[str, ...] = TABLES) -> None:
    for name in names:
        (folder / name).write_text("old")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def state(folder: Path, names: tuple[str, ...] = TABLES) -> str:
    """Tell whether the files are old or new, after the next access to the first of them."""
    try:
        list(read_predictions(folder / names[0]))
    except ValueError:
        assert (folder / names[0]).read_text() == "old"
    are_old = {(folder / name).read_bytes() == b"old" for name in names}
    record.check("kills", "mixed", len(are_old) == 1, "old and new files")
    if are_old == {True}:
        return "old"
    assert len(list(read_predictions(folder / "o.csv"))) == N_SPECTRA
    with (folder / "o.rejected.csv").open(newline="") as stream:
        assert [row["title"] for row in csv.DictReader(stream)] == ["empty"]
    return "new"


def sentences(error: str) -> list[str]:
    """Return what was written on standard error, but for the room of the progress bar."""
    return [line for line in error.splitlines() if line.strip()]


def check_kills(folder: Path, moments: Iterable[tuple[int, str]], *options: str) -> set[str]:
    names = (*TABLES, "o.html") if options else TABLES
    found, allowed = set(), {"a.mgf", *names}
    for moment in moments:
        age(folder, names)
        done = run(Drill([*COMMAND, *options], folder, *moment))
        record.tried["kills"] += 1
        found.add(state(folder, names))
        if done.status == 0:
            break
        assert done.status == -signal.SIGKILL
    assert run(Drill([*COMMAND, *options], folder)).status == 0
    assert names_in(folder) == allowed
    return found


@pytest.mark.slow
def test_a_kill_leaves_all_files_old_or_all_new(folder: Path) -> None:
    moments = [(12, "open"), (1, "os.rename"), (3, "os.rename"), (4, "os.rename"), (4, "os.remove")]
    assert check_kills(folder, moments) == {"old", "new"}


@pytest.mark.faults
def test_a_kill_at_any_operation_leaves_all_files_old_or_all_new(folder: Path) -> None:
    assert check_kills(folder, ((n, "") for n in range(1, 200)), "--report", "o.html") == {
        "old",
        "new",
    }


@pytest.mark.faults
def test_a_kill_at_any_time_leaves_all_files_old_or_all_new(folder: Path) -> None:
    drill, found = Drill(COMMAND, folder), set()
    for tenths in range(60):
        age(folder)
        with started(drill) as process:
            time.sleep(tenths / 60)
            process.kill()
        record.tried["kills"] += 1
        found.add(state(folder))
    assert run(drill).status == 0
    assert names_in(folder) == {"a.mgf", *TABLES}
    assert "old" in found


@pytest.mark.parametrize(
    ("kind", "number", "event", "found"),
    [
        (signal.SIGTERM, 12, "open", "old"),
        (signal.SIGINT, 3, "os.rename", "new"),
        (signal.SIGHUP, 5, "os.rename", "new"),
    ],
)
@pytest.mark.slow
def test_a_signal_ends_a_run_with_a_sentence_and_no_litter(
    folder: Path, kind: signal.Signals, number: int, event: str, found: str
) -> None:
    done = run(Drill(COMMAND, folder, number, event, kind))
    assert done.status == 128 + kind
    assert sentences(done.error) == [f"stopped by {kind.name}: no output is half-written"]
    assert names_in(folder) - {PARTS} == {"a.mgf", *TABLES}
    assert state(folder) == found


@pytest.mark.parametrize(
    ("output", "error", "status", "said"),
    [
        (GONE, "", 0, []),
        (CLOSED, "", 0, []),
        ("", GONE, 0, []),
        (GONE, CLOSED, 0, []),
        ("/dev/full", "", 1, ["error: standard output: No space left on device; the files of this "
                              "command are complete"]),
        ("/dev/full", "/dev/full", 1, []),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_standard_streams_that_fail_cost_no_file(
    folder: Path, output: str, error: str, status: int, said: list[str]
) -> None:
    done = run(Drill(COMMAND, folder, output=output, error=error))
    assert (done.status, sentences(done.error)) == (status, said)
    assert state(folder) == "new"
    assert names_in(folder) - {PARTS} == {"a.mgf", *TABLES}


@pytest.mark.slow
def test_of_two_commands_with_one_output_the_second_is_refused(folder: Path) -> None:
    first = Drill(COMMAND, folder, 1, "os.rename", signal.SIGSTOP)
    streams = {name: str(folder.parent / name) for name in ("output", "error")}
    second = Drill([*COMMAND[:5], "--output", "o2.csv", "--report", "o.parquet"], folder, **streams)
    with started(first) as process:
        assert process.pid
        wait_for_stop(process.pid)
        refused = run(second)
        os.kill(process.pid, signal.SIGCONT)
        assert ended(first, process).status == 0
    assert refused.status == 1
    (sentence,) = sentences(refused.error)
    assert "o.parquet is being written by another process" in sentence
    assert state(folder) == "new"
    assert names_in(folder) - {PARTS} == {"a.mgf", *TABLES}


def wait_for_stop(child: int) -> None:
    """Wait until a process has stopped; it is a child of the server, not of this process."""
    for _ in range(600):
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return
        time.sleep(0.05)
    pytest.fail("the process does not stop")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs"]
    done = subprocess.run(["mount", *options, str(place)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("only root can mount a file system that is small enough")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def free(disk: Path, n_bytes: int) -> None:
    """Leave so much space on a disk."""
    (disk / "filler").unlink(missing_ok=True)
    status = os.statvfs(disk)
    filler = status.f_bavail * status.f_frsize - n_bytes
    (disk / "filler").write_bytes(b"x" * max(filler, 0))


@pytest.mark.slow
def test_a_full_disk_is_a_sentence_and_leaves_the_old_files(folder: Path, small_disk: Path) -> None:
    """The first case is that of a report that has no place where the tables have."""
    report = small_disk / "o.html"
    report.write_text("old")
    done = run(Drill([*COMMAND, "--report", str(report)], folder))
    check_refusal(done, "o.html")
    assert report.read_text() == "old"
    assert state(folder) == "old"
    assert names_in(folder) - {PARTS} == {"a.mgf", *TABLES}
    report.unlink()
    for name in ("a.mgf", *TABLES):
        (small_disk / name).write_bytes((folder / name).read_bytes())
    for n_bytes in (0, 4096, 8192):
        free(small_disk, n_bytes)
        check_refusal(run(Drill(COMMAND, small_disk)), "")
        assert state(small_disk) == "old"
        assert names_in(small_disk) - {PARTS} == {"a.mgf", "filler", *TABLES}
    (small_disk / "filler").unlink()
    assert run(Drill(COMMAND, small_disk)).status == 0
    assert state(small_disk) == "new"


@pytest.mark.faults
def test_a_disk_of_any_free_size_leaves_the_old_files_or_the_new(
    folder: Path, small_disk: Path
) -> None:
    for name in ("a.mgf", *TABLES):
        (small_disk / name).write_bytes((folder / name).read_bytes())
    for n_pages in range(24):
        age(small_disk)
        free(small_disk, 4096 * (n_pages % 6))
        done = run(Drill(COMMAND, small_disk))
        record.tried["full disks"] += 1
        record.check("full disks", "tracebacks", "Traceback" not in done.error, done.error)
        left = state(small_disk)
        record.check("full disks", "mixed", left == ("new" if done.status == 0 else "old"), left)


@pytest.mark.faults
@pytest.mark.parametrize("event", [(1, "os.rename"), (12, "open"), (16, "open")])
def test_a_second_writer_is_refused_at_any_moment_of_the_first(
    folder: Path, event: tuple[int, str]
) -> None:
    first = Drill(COMMAND, folder, *event, signal.SIGSTOP)
    streams = {name: str(folder.parent / name) for name in ("output", "error")}
    with started(first) as process:
        assert process.pid
        wait_for_stop(process.pid)
        refused = run(Drill(COMMAND, folder, **streams))
        os.kill(process.pid, signal.SIGCONT)
        assert ended(first, process).status == 0
    record.tried["two writers"] += 1
    record.check("two writers", "tracebacks", "Traceback" not in refused.error, refused.error)
    record.check("two writers", "mixed", refused.status == 1, refused)
    record.check("two writers", "results lost", state(folder) == "new", "the first writer's files")


def check_refusal(done: Ended, name: str) -> None:
    assert done.status == 1
    (sentence,) = sentences(done.error)
    assert "No space left on device" in sentence
    assert name in sentence


def _limit_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1200, hard))


@pytest.mark.slow
def test_a_file_that_the_system_does_not_let_grow_is_a_sentence(folder: Path) -> None:
    done = run(Drill(COMMAND, folder, prepare=_limit_files, output="/dev/null"))
    assert done.status == 1
    assert "File too large" in sentences(done.error)[0]
    assert state(folder) == "old"
    assert names_in(folder) - {PARTS} == {"a.mgf", *TABLES}


@pytest.mark.slow
def test_names_that_are_not_text_are_read_and_written(folder: Path) -> None:
    name = os.fsdecode(b"b\xff.mgf")
    (folder / "a.mgf").rename(folder / name)
    outputs = [os.fsdecode(b"o\xff") + suffix for suffix in (".csv", ".tsv", ".mztab", ".parquet")]
    page = os.fsdecode(b"\xfe.html")
    options = [option for output in outputs for option in ("--output", output)]
    done = run(Drill(["sequence", name, *options, "--report", page], folder))
    assert done.status == 0, done.error
    assert r"o\udcff.csv" in done.output
    for output in outputs:
        assert len(list(read_predictions(folder / output))) == N_SPECTRA
    assert r"b\xff.mgf" in (folder / page).read_text("utf-8")
    rejected = os.fsdecode(b"o\xff.rejected.csv")
    assert r"b\xff.mgf" in (folder / rejected).read_text("utf-8")
    assert names_in(folder) == {name, page, rejected, *TABLES, *outputs}
    measured = find_spectrum(folder / name, "s1")
    for output in outputs:
        assert find_prediction(folder / output, measured).title == "s1"
    located = next(iter(read_predictions(folder / outputs[2])))
    assert located.file == str(folder / name)


@pytest.mark.faults
def test_a_locale_without_letters_changes_no_byte_of_the_tables(folder: Path) -> None:
    """A process of its own: Python looks at the locale once."""
    (folder / "a.mgf").rename(folder / "é.mgf")
    written = []
    for number, locale in enumerate(({"LC_ALL": "C.UTF-8"}, {
        "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    })):  # fmt: skip
        outputs = [f"{number}é{suffix}" for suffix in (".csv", ".tsv", ".mztab", ".parquet")]
        options = [option for output in outputs for option in ("--output", output)]
        options += ["--decoder", "greedy", "--report", f"{number}.html"]
        done = subprocess.run(
            [sys.executable, "-c", "from denovo.cli import main; main()", "sequence", "é.mgf",
             *options],
            cwd=folder, env={**os.environ, "PYTHONPATH": os.getcwd(), **locale},
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        names = [*outputs[:3], f"{number}é.rejected.csv"]
        written.append([(folder / name).read_bytes() for name in names])
        assert "é.mgf" in (folder / f"{number}.html").read_text("utf-8")
    assert written[0] == written[1]
