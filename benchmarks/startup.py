"""How long commands take to start, beside ``import torch`` in the same rounds.

Run ``python benchmarks/startup.py``. Every round starts each command once, in a process of its own
and on one thread, so that a slow minute of the machine falls on all of them. `denovo sequence`
reads one spectrum. The last two columns compare minima of the wall time with ``import torch``.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

TORCH = "import torch"
_DENOVO = "from denovo.cli import main; main()"
# The b and y ions of PEPTIDEK/2.
_SPECTRUM = """BEGIN IONS
TITLE=one
PEPMASS=464.734740
CHARGE=2+
147.1128 300
276.1554 410
391.1823 500
504.2664 440
605.3141 800
702.3668 700
227.1026 380
324.1554 260
425.2031 210
538.2871 90
653.3141 40
782.3567 30
END IONS
"""


class Command(NamedTuple):
    """What is started.

    Parameters
    ----------
    name : str
        As the table shows it.
    arguments : list of str
        Of the Python interpreter.
    environment : mapping of str to str
        Variables set for it.
    """

    name: str
    arguments: list[str]
    environment: Mapping[str, str] = MappingProxyType({})


def commands(file: Path) -> list[Command]:
    """List what is started, the one for comparison first."""
    sequence = ["-c", _DENOVO, "sequence", str(file), "--overwrite", "--rescoring"]
    completion = {
        "_DENOVO_COMPLETE": "complete_bash",
        "COMP_WORDS": "denovo seq",
        "COMP_CWORD": "1",
    }
    return [
        Command(TORCH, ["-c", "import torch"]),
        Command("denovo --help", ["-c", _DENOVO, "--help"]),
        Command("denovo --version", ["-c", _DENOVO, "--version"]),
        Command(
            "completion",
            ["-c", "from denovo.cli import app; app(prog_name='denovo')"],
            environment=completion,
        ),
        Command("denovo sequence --help", ["-c", _DENOVO, "sequence", "--help"]),
        Command("denovo sequence --bogus", ["-c", _DENOVO, "sequence", "--bogus"]),
        Command("denovo evaluate --threads x", ["-c", _DENOVO, "evaluate", "--threads", "x"]),
        Command("sequence one, rescoring none", [*sequence, "none"]),
        Command("sequence one, rescoring full", [*sequence, "full"]),
    ]


def seconds(command: Command, folder: Path) -> tuple[float, float]:
    """Run a command; return its wall time and its CPU time."""
    before, start = os.times(), time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | dict(command.environment)
    # Byte code is kept from the first round on, as that of an installed package is.
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, *command.arguments], cwd=folder, env=environment, capture_output=True
    )
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode not in (0, 2):  # 2: an error in an option
        sys.exit(f"{command.name} failed: {done.stderr.decode()}")
    used = after.children_user + after.children_system
    return wall, used - before.children_user - before.children_system


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="after one that is not counted")
    rounds = parser.parse_args().rounds
    walls, cpus = defaultdict(list), defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "one.mgf"
        file.write_text(_SPECTRUM)
        started = commands(file)
        for number in range(rounds + 1):
            for command in started:
                wall, cpu = seconds(command, folder)
                if number:
                    walls[command.name].append(wall)
                    cpus[command.name].append(cpu)
    print("| command | wall s, min | wall s, median | CPU s, min | ratio | difference, s |")
    print("|---|---|---|---|---|---|")
    for command in started:
        least, beside = min(walls[command.name]), min(walls[TORCH])
        print(
            f"| `{command.name}` | {least:.2f} | {statistics.median(walls[command.name]):.2f} | "
            f"{min(cpus[command.name]):.2f} | {least / beside:.2f} | {least - beside:+.2f} |"
        )


if __name__ == "__main__":
    main()
