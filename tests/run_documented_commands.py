"""Run the commands of README, tutorials and how-to pages: `make docs-commands`.

Each page has a folder of its own, with small files of the names that the documents use. Trainings
are reduced by `SMALL`, other commands by `_CHANGES`; servers run until their page ends; `_NOT_RUN`
names what is not run, and why. The command ends with status 1 if one fails.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from tests.helpers.documented_commands import ROOT, statements_of
from tests.helpers.documented_files import SMALL, write_files

PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs/tutorials" / f"{name}.md"
      for name in ("index", "first_file", "train_on_fasta", "modification", "to_proteins")),
    *sorted((ROOT / "docs/how-to").glob("*.md")),
]  # fmt: skip
_NOT_RUN = {
    r"pip install|python -m venv|make (setup|package)|PIP_EXTRA": "installs; `make package` does "
    "so in an empty environment",
    r"docker |apptainer |nextflow ": "needs Docker, Apptainer or Nextflow",
    r"wandb login|denovo dashboard": "needs an account of W&B",
    r"srun |--nnodes": "needs SLURM or several nodes",
    r"make networks": "takes half an hour",
    r"tuned_on_others": "ten trainings; tests/test_benchmarks.py runs it reduced",
}
"""Reasons not to run a command, by a pattern that it holds."""
_CHANGES = {
    r"runs/\.\.\./|runs/curriculum/\.\.\./|FORWARD/": "$FILES/runs/one/",
    r"runs/curriculum/(\.\.\.|2026\S*)_sweep": "$FILES/runs/sweep",
    r"runs/curriculum/(\.\.\.|2026\S*)|runs/baseline/2026\S*": "$FILES/runs/one",
    r"runs/clamp_vs_log/2026\S*_sweep": "$(ls -d runs/clamp_vs_log/*_sweep | head -n 1)",
    r"PROTEINS.fasta": "example.fasta",
    r"casanovo\.mgf": "annotated.mgf",
    r"hela\.mgf": "labelled.mgf",
    r"pepnet\.mgf": "other.mgf",
    r"proteometools\.mgf": "b.mgf",
    r"--n-peptides 200000": "--n-peptides 500",
    r"--simulated (500|1000)": "--simulated 30",
    r"loss_scale=10,100,1000(,10000)?": "loss_scale=10,100",
    r"loss_scale=10,1000 penalty=\S* seed=\S*": "loss_scale=10 penalty=log,clamp seed=0",
    r" hydra.sweeper.n_trials=40": "",
    r"\+experiment=search": "+experiment=search hydra.sweeper.n_trials=2",
    r"\+experiment=clamp_vs_log": "+experiment=clamp_vs_log hydra.sweeper.params.seed=0 "
    """'hydra.sweeper.params.branch="none,normalised_log"'""",
    # A network of a few steps has no right answer to fit a probability to.
    r"denovo export .*": r"\g<0> --calibration-spectra 0",
    r"trainer=ddp trainer.devices=4": "trainer=ddp trainer.accelerator=cpu trainer.devices=2",
    r"--nproc-per-node 4": "--nproc-per-node 2",
    r"--nworkers 32": "--nworkers 2",
    r"denovo sequence .* \$SLURM_ARRAY_TASK_ID/8": "for SLURM_ARRAY_TASK_ID in $(seq 8); do "
    r"\g<0> || exit; done",
    r"denovo app": r"\g<0> --no-browser",
    # The program looks for the shell that it was called from.
    r"denovo --install-completion": r"export HOME=$PWD; \g<0>; exit",
}
"""Replacements in all commands; ``$FILES`` is the folder of the files."""
_SERVERS = re.compile("denovo app|dask (scheduler|worker)")
"""Commands that do not end: each runs until the end of its page."""
_START_S = 20
"""Seconds after which a server that has not ended counts as started."""
_LIMIT_S = 900
_SETTINGS = re.compile(r" (size\.\S+|calibration_spectra=\S+)")
_WRITER = re.compile(r"denovo (sequence|map|merge|convert|compare-search|tune) (?!.*--shard)")


def reduced(statement: str) -> str:
    """Return a command as it is run: with files that exist, and small trainings."""
    for pattern, replacement in _CHANGES.items():
        statement = re.sub(pattern, replacement, statement)
    is_training = re.match(r"(denovo train|(torchrun .*|python )train\.py) ", statement)
    if is_training and "--help" not in statement:
        statement = f"{_SETTINGS.sub('', statement)} {SMALL}"
    # Commands of a page may be alternatives, with outputs of the same names.
    return f"{statement} --overwrite" if _WRITER.match(statement) else statement


def reason_of(statement: str) -> str:
    """Return why a command is not run; empty if it is."""
    return next((why for pattern, why in _NOT_RUN.items() if re.search(pattern, statement)), "")


def run(statement: str, folder: Path) -> tuple[int, str]:
    """Run a command in the folder of a page; return status and text."""
    done = subprocess.run(
        **_arguments(statement, folder), text=True, stdout=subprocess.PIPE, check=False
    )
    return done.returncode, done.stdout


def serve(statement: str, folder: Path, page: ExitStack) -> tuple[int, str]:
    """Start a server that runs until ``page`` closes; return 0, or 1 and its text if it ends."""
    with TemporaryFile("w+") as text:
        server = subprocess.Popen(
            **_arguments(statement, folder), stdout=text, start_new_session=True
        )
        try:
            server.wait(_START_S)
        except subprocess.TimeoutExpired:
            page.callback(server.wait)
            page.callback(os.killpg, server.pid, signal.SIGTERM)
            return 0, ""
        text.seek(0)
        return 1, text.read()


def _arguments(statement: str, folder: Path) -> dict[str, Any]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        # It ends the children of a command too, as the limit of `subprocess` does not.
        "args": ["timeout", str(_LIMIT_S), "bash", "-c", statement],
        "cwd": folder,
        "env": os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
        "stdin": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
    }


def run_page(page: Path, folder: Path, world: Path, trained: set[str]) -> list[str]:
    """Run a page; return ``ran``, ``failed`` or ``not run`` of each command, and print them."""
    shutil.copytree(world, folder, ignore=shutil.ignore_patterns("runs", "*.rejected.csv"))
    for name in ("docs", "benchmarks", "train.py"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "runs").mkdir()
    for suffix in (".mgf", ".mzML"):
        shutil.copy(world / f"run{suffix}", folder / "runs")
    print(f"\n{page.relative_to(ROOT)}", flush=True)  # noqa: T201
    with ExitStack() as servers:
        statements = statements_of(page.read_text("utf-8"))
        return [run_statement(each, folder, trained, servers) for each in statements]


def run_statement(statement: str, folder: Path, trained: set[str], servers: ExitStack) -> str:
    """Run a command; return ``ran``, ``failed`` or ``not run``, and print it."""
    command, reason, start = reduced(statement), reason_of(statement), time.monotonic()
    if not reason and command in trained:
        fate, reason = "ran", "as above"
    elif reason:
        fate = "not run"
    else:
        if _SERVERS.match(command):
            status, text = serve(command, folder, servers)
        else:
            status, text = run(command, folder)
        fate = "failed" if status else "ran"
        reason = f"{time.monotonic() - start:.0f} s"
        if status:
            reason += f"\n    {command}\n    " + "\n    ".join(text.splitlines()[-15:])
        elif "train " in command and "run_dir" not in command:
            trained.add(command)
    print(f"  {fate}  {' '.join(statement.split())}  ({reason})", flush=True)  # noqa: T201
    return fate


def main() -> None:
    """Run all pages, or those named; print a line for each command and the numbers of all."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path, help="by default all")
    parser.add_argument("--files", type=Path, help="folder of the files, kept for further calls")
    options = parser.parse_args()
    given = [path.resolve() for path in options.pages]
    fates: list[str] = []
    with TemporaryDirectory() as name:
        world, trained = (options.files or Path(name) / "world").resolve(), set[str]()
        os.environ["FILES"] = str(world)
        if not world.exists():
            world.mkdir()
            write_files(world, run)
        for number, page in enumerate(given or PAGES):
            fates += run_page(page, Path(name) / f"{number}_{page.stem}", world, trained)
    counts = ", ".join(f"{fates.count(fate)} {fate}" for fate in ("ran", "failed", "not run"))
    print(f"\n{len(fates)} commands: {counts}")  # noqa: T201
    sys.exit("failed" in fates)


if __name__ == "__main__":
    main()
