"""Outputs of a run appear together or not at all, and one process at a time writes them."""

import errno
import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.io import atomic_path, together, write_text
from denovo.io.atomic_outputs import complete
from tests.faults.forked import FileFault
from tests.faults.record import tried

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NAMES = ("run.csv", "run.rejected.csv", "other/run.html")


def write_all(folder: Path, content: str) -> None:
    with together(*(folder / name for name in NAMES)):
        for name in NAMES:
            write_text(folder / name, content)


def contents(folder: Path) -> list[str]:
    paths = [folder / name for name in NAMES]
    return [path.read_text() if path.exists() else "" for path in paths]


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def forked(act: Callable[[], object]) -> int:
    """Run in a child; return its exit status, or the negative number of its signal."""
    child = os.fork()
    if not child:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(folder: Path, number: int) -> bool:
    def run() -> None:
        sys.addaudithook(FileFault(folder, number, signal.SIGKILL))
        write_all(folder, "new")

    status = forked(run)
    assert status in (0, -signal.SIGKILL)
    return status != 0


def check_kills(tmp_path: Path, before: str, touched: Sequence[str]) -> None:
    """Kill a run at each of its operations; one of the files is touched first in turn."""
    found = set()
    for number in range(1, 200):
        folder = tmp_path / str(number)
        folder.mkdir()
        if before:
            write_all(folder, before)
        was_killed = killed_at(folder, number)
        tried["kills"] += was_killed
        complete(folder / touched[number % len(touched)])
        assert contents(folder) in ([before] * 3, ["new"] * 3), number
        found.update(contents(folder))
        write_all(folder, "later")
        assert contents(folder) == ["later"] * 3
        assert files_in(folder) == set(NAMES), number
        if not was_killed:
            break
    else:
        pytest.fail("the command never came to its end")
    assert number > 20
    assert found == {before, "new"}


def test_after_a_kill_at_any_moment_the_next_access_finds_all_old_or_all_new(
    tmp_path: Path,
) -> None:
    check_kills(tmp_path, "old", NAMES)


@pytest.mark.faults
@pytest.mark.parametrize("before", ["old", ""])
@pytest.mark.parametrize("touched", NAMES)
def test_after_a_kill_it_does_not_matter_which_file_is_touched_first(
    tmp_path: Path, before: str, touched: str
) -> None:
    check_kills(tmp_path, before, [touched])


def test_a_record_that_is_cut_off_promises_nothing(tmp_path: Path) -> None:
    write_all(tmp_path, "old")
    records = [
        tmp_path / ".run.csv.0123abcd.commit",
        tmp_path / ".run.rejected.csv.0123abcd.commit",
    ]
    parts = [record.with_suffix(".part") for record in records]
    for path in parts:
        path.write_text("new")
    whole = json.dumps(["run.csv", "run.rejected.csv"])
    for length in range(len(whole)):
        for record in records:
            record.write_text(whole[:length])
        complete(tmp_path / "run.csv")
        assert contents(tmp_path) == ["old"] * 3
        assert not records[0].exists()
        parts[0].write_text("new")
    for record in records:
        record.write_text(whole)
    complete(tmp_path / "run.rejected.csv")
    assert contents(tmp_path) == ["new", "new", "old"]
    assert files_in(tmp_path) == set(NAMES)


@pytest.mark.parametrize(
    "promise", ["[]", "5", '{"a": 1}', "[[1]]", '["/etc/passwd"]', '["../../run.csv", "/tmp/x"]',
                '[".."]', '["run\\u0000.csv"]', "[" * 100_000, '"run.csv"']
)  # fmt: skip
def test_a_record_that_denovo_did_not_write_moves_nothing(tmp_path: Path, promise: str) -> None:
    write_all(tmp_path, "old")
    (tmp_path / ".run.csv.0123abcd.commit").write_text(promise)
    complete(tmp_path / "run.csv")
    assert contents(tmp_path) == ["old"] * 3
    assert files_in(tmp_path) == set(NAMES)


def test_the_second_of_two_processes_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    ready, write_ready = os.pipe()
    child = os.fork()
    if not child:
        with together(tmp_path / "run.csv", tmp_path / "run.html"):
            write_text(tmp_path / "run.csv", "first")
            os.write(write_ready, b"1")
            signal.pause()
    os.read(ready, 1)
    complete(tmp_path / "run.csv")
    for other in ("run.html", "new.csv"):
        names = [tmp_path / "new.csv", tmp_path / "run.csv", tmp_path / other]
        with (
            pytest.raises(InputError, match=r"run\.\w+ is being written by another process"),
            together(*dict.fromkeys(names)),
        ):
            pass
    with pytest.raises(InputError, match="by another process"), atomic_path(names[1], 0.1):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(files_in(tmp_path)) == 3
    with together(tmp_path / "run.csv", tmp_path / "run.html"):
        write_text(tmp_path / "run.csv", "second")
    assert (tmp_path / "run.csv").read_text() == "second"
    assert files_in(tmp_path) == {"run.csv"}


def test_a_signal_during_the_renaming_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path, "old")
    rename = os.replace

    def interrupted(source: Path, target: Path) -> None:
        rename(source, target)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("os.replace", interrupted)
    # A background job, in which these tests may run, ignores SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_all(tmp_path, "new")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    monkeypatch.undo()
    assert contents(tmp_path) == ["new"] * 3
    assert files_in(tmp_path) == set(NAMES)


def test_a_thread_can_write_too(tmp_path: Path) -> None:
    thread = threading.Thread(target=write_all, args=(tmp_path, "new"))
    thread.start()
    thread.join()
    assert contents(tmp_path) == ["new"] * 3


def test_what_fails_within_the_block_and_is_caught_there_is_left_out(tmp_path: Path) -> None:
    write_all(tmp_path, "old")

    def fail() -> None:
        with atomic_path(tmp_path / NAMES[0]) as temporary:
            temporary.write_text("half")
            raise ValueError("it breaks off")

    with together(*(tmp_path / name for name in NAMES)):
        write_text(tmp_path / NAMES[0], "whole")
        write_text(tmp_path / NAMES[1], "new")
        with pytest.raises(ValueError, match="breaks off"):
            fail()
        assert contents(tmp_path) == ["old"] * 3
    assert contents(tmp_path) == ["old", "new", "old"]
    assert files_in(tmp_path) == set(NAMES)


def test_an_error_in_the_block_that_is_not_about_an_output_is_not_blamed_on_one(
    tmp_path: Path,
) -> None:
    def read_what_is_not_there() -> None:
        with together(tmp_path / "run.csv"):
            (tmp_path / "input.mgf").read_text()

    with pytest.raises(FileNotFoundError, match=r"input\.mgf"):
        read_what_is_not_there()


def test_what_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    run = tmp_path / "run.csv"
    for paths, message in (
        ([tmp_path / "folder.csv"], "is a folder"),
        ([tmp_path / "pipe.csv"], "not a regular file"),
        (["/dev/null"], "not a regular file"),
        ([run, tmp_path / "folder.csv" / ".." / "run.csv"], "named twice"),
        ([tmp_path / ("x" * 250)], "a name of over 238 bytes"),
    ):
        with pytest.raises(InputError, match=message), together(*paths):
            pass
    assert files_in(tmp_path) == set()


def test_a_rename_that_is_refused_is_a_sentence_and_made_up_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path, "old")
    rename = os.replace

    def refuse(source: Path, target: Path) -> None:
        if Path(target).name == NAMES[1]:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rename(source, target)

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(InputError, match=r"cannot write .*run\.rejected\.csv: Input/output error"):
        write_all(tmp_path, "new")
    monkeypatch.undo()
    complete(tmp_path / NAMES[2])
    assert contents(tmp_path) == ["new"] * 3
    assert files_in(tmp_path) == set(NAMES)


def test_without_locks_files_are_written_and_what_others_left_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    (tmp_path / ".run.csv.0123abcd.part").write_text("of a run that may be alive")
    monkeypatch.setattr(fcntl, "flock", refuse)
    write_all(tmp_path, "new")
    assert contents(tmp_path) == ["new"] * 3
    assert files_in(tmp_path) == {*NAMES, ".run.csv.0123abcd.part"}


def test_a_symbolic_link_stays_one_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "run.csv", tmp_path / "run.csv"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to(target)
    with together(link), atomic_path(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert files_in(tmp_path) == {"run.csv", "real/run.csv"}
