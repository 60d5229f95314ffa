"""Run the commands of README, tutorials and how-to pages: `make docs-commands`.

Each page has a folder of its own, with small files of the names that the documents use. Trainings
are reduced by `SMALL`, other commands by `_CHANGES`; `_NOT_RUN` names what is not run, and why.
The command ends with status 1 if one fails.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.helpers.documented_commands import ROOT, statements_of
from tests.helpers.documented_files import SMALL, write_files

PAGES = [
    ROOT / "README.md",
    *(ROOT / "docs/tutorials" / f"{name}.md"
      for name in ("index", "first_file", "train_on_fasta", "modification", "to_proteins")),
    *sorted((ROOT / "docs/how-to").glob("*.md")),
]  # fmt: skip
_SERVER = "does not end by itself; tests/cli/test_browser_app.py and test_sequencing_on_dask.py"
_CLUSTER = "needs SLURM or several nodes"
_NOT_RUN = {
    r"pip install|python -m venv|source |make (setup|package)|PIP_EXTRA": "installs; `make "
    "package` does so in an empty environment",
    r"docker |apptainer |nextflow ": "needs Docker, Apptainer or Nextflow",
    r"denovo app|dask (scheduler|worker)|--engine dask": _SERVER,
    r"wandb login|denovo dashboard": "needs an account of W&B",
    r"SLURM|srun |sbatch |merge all.parquet.parts .* --report": _CLUSTER,
    r"trainer=ddp": "several processes or nodes; tests/integration/test_ranks.py",
    r"casanovo.mgf|modified_answers": "reads measured files that are not in the repository",
    r"make train|make networks|make figures|make bench": "takes ten minutes to hours",
    r"make (test|check|docs|faults|format|reenact)": "run by themselves",
    r"clamp_vs_log": "fifteen trainings; tests/reports/runs and tests/reports/figures",
    r"denovo export": "needs a network of a real training; tests/sequencing/networks",
    r"install-completion|-sc install": "changes the shell",
}  # fmt: skip
"""Reasons not to run a command, by a pattern that it holds."""
_CHANGES = {
    r"runs/\.\.\./|runs/curriculum/\.\.\./": "$FILES/runs/one/",
    r"runs/curriculum/(\.\.\.|2026\S*)_sweep": "$FILES/runs/sweep",
    r"runs/curriculum/(\.\.\.|2026\S*)|runs/baseline/2026\S*": "$FILES/runs/one",
    r"runs/backward/": "$FILES/runs/backward/",
    r"PROTEINS.fasta": "example.fasta",
    r"--n-peptides 200000": "--n-peptides 500",
    r"--simulated 500": "--simulated 30",
    r"loss_scale=10,100,1000(,10000)?": "loss_scale=10,100",
    r"loss_scale=10,1000 penalty=\S* seed=\S*": "loss_scale=10 penalty=log,clamp seed=0",
    r" hydra.sweeper.n_trials=40": "",
    r"\+experiment=search": "+experiment=search hydra.sweeper.n_trials=2",
}
"""Replacements in all commands; ``$FILES`` is the folder of the files."""
_LIMIT_S = 900
_SETTINGS = re.compile(r" (size\.\S+|calibration_spectra=\S+)")
_WRITER = re.compile(r"denovo (sequence|map|merge|convert|compare-search|tune) (?!.*--shard)")


def reduced(statement: str) -> str:
    """Return a command as it is run: with files that exist, and small trainings."""
    for pattern, replacement in _CHANGES.items():
        statement = re.sub(pattern, replacement, statement)
    is_training = re.match(r"(denovo train|python train\.py) ", statement)
    if is_training and "--help" not in statement:
        statement = f"{_SETTINGS.sub('', statement)} {SMALL}"
    # Commands of a page may be alternatives, with outputs of the same names.
    return f"{statement} --overwrite" if _WRITER.match(statement) else statement


def reason_of(statement: str) -> str:
    """Return why a command is not run; empty if it is."""
    return next((why for pattern, why in _NOT_RUN.items() if re.search(pattern, statement)), "")


def run(statement: str, folder: Path) -> tuple[int, str]:
    """Run a command in the folder of a page; return status and text."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    # It ends the children of a command too, as the limit of `subprocess` does not.
    done = subprocess.run(
        ["timeout", str(_LIMIT_S), "bash", "-c", statement], cwd=folder, env=environment,
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def run_page(page: Path, folder: Path, world: Path, trained: set[str]) -> list[str]:
    """Run a page; return ``ran``, ``failed`` or ``not run`` of each command, and print them."""
    shutil.copytree(world, folder, ignore=shutil.ignore_patterns("runs", "*.rejected.csv"))
    for name in ("docs", "benchmarks", "train.py"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "runs").mkdir()
    for suffix in (".mgf", ".mzML"):
        shutil.copy(world / f"run{suffix}", folder / "runs")
    fates = []
    print(f"\n{page.relative_to(ROOT)}", flush=True)  # noqa: T201
    for statement in statements_of(page.read_text("utf-8")):
        command, reason, start = reduced(statement), reason_of(statement), time.monotonic()
        if not reason and command in trained:
            fate, reason = "ran", "as above"
        elif reason:
            fate = "not run"
        else:
            status, text = run(command, folder)
            fate = "failed" if status else "ran"
            reason = f"{time.monotonic() - start:.0f} s"
            if status:
                reason += f"\n    {command}\n    " + "\n    ".join(text.splitlines()[-15:])
            elif "train " in command and "run_dir" not in command:
                trained.add(command)
        fates.append(fate)
        print(f"  {fate}  {' '.join(statement.split())}  ({reason})", flush=True)  # noqa: T201
    return fates


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
