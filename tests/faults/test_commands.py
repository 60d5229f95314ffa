"""Commands that write files, ended at any of their operations: all old or all new, then healed."""

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from denovo.io.atomic_outputs import complete
from denovo.sequencing.networks.loading import SHIPPED
from tests.faults import record
from tests.faults.forked import Drill, run
from tests.helpers.fake_model import PEPTIDE, mgf_of

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Command:
    """A command, the files that it writes together, and how many moments are tried."""

    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    most: int


EVALUATE = "evaluate a.mgf --decoder greedy --csv o.csv --json e.json --html o.html --checkpoint"
EXPORT = "--output o.safetensors --calibration-spectra 0"
PLOT = f"plot a.mgf --spectrum s1 --peptide {PEPTIDE} --no-mirror --output o.svg"
COMMANDS = {
    "evaluate": Command((*EVALUATE.split(), str(SHIPPED)), ("o.csv", "e.json", "o.html"), 7),
    "export": Command(("export", str(SHIPPED), *EXPORT.split()), ("o.safetensors", "o.json"), 25),
    "plot": Command(tuple(PLOT.split()), ("o.svg",), 25),
}


def prepared(tmp_path: Path) -> Path:
    """Make a folder with annotated spectra."""
    folder = tmp_path / "work"
    folder.mkdir()
    path = mgf_of(folder / "a.mgf", 3)
    path.write_text(path.read_text().replace("CHARGE", f"SEQ={PEPTIDE}\nCHARGE"))
    return folder


@pytest.mark.faults
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_ended_leaves_all_files_old_or_all_new(tmp_path: Path, name: str) -> None:
    command, folder = COMMANDS[name], prepared(tmp_path)
    for number in range(1, command.most):
        for output in command.outputs:
            (folder / output).write_text("old")
        kind = SIGNALS[number % len(SIGNALS)]
        done = run(Drill(command.arguments, folder, number, signal=kind))
        record.tried["kills"] += done.status != 0
        record.check("kills", "tracebacks", "Traceback" not in done.error, done.error)
        for output in command.outputs:
            complete(folder / output)
        there = [output for output in command.outputs if (folder / output).exists()]
        missing = set(command.outputs) - set(there)
        record.check("kills", "results lost", not missing, missing)
        are_old = {(folder / output).read_bytes() == b"old" for output in there}
        record.check("kills", "mixed", len(are_old) == 1, (name, number, kind))
        if kind == signal.SIGKILL and done.status == 0:
            break
        if done.status == 0:
            record.check("kills", "results lost", are_old == {False}, "status 0 beside old files")
        else:
            assert done.status in (-kind, 128 + kind), (number, kind, done)
    done = run(Drill(command.arguments, folder))
    assert done.status == 0, done.error
    left = {path.name for path in folder.iterdir()}
    assert left == {"a.mgf", *command.outputs}
