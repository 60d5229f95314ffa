"""Build both archives, install the wheel elsewhere, and run the commands of a first hour.

``make package`` runs it. Nothing of the repository is on the path of the installed package: the
virtual environment and the folder in which the commands run are temporary.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def commands() -> list[list[str]]:
    """List what is run, in this order, in a folder with the spectra and the proteins."""
    smoke = ["+experiment=smoke", "logger=csv", "~callbacks.progress", "run_dir=run"]
    return [
        ["--version"],
        ["doctor"],
        ["sequence", "spectra.mgf", "--output", "all.parquet", "--output", "all.mztab",
         "--report", "all.html"],
        ["evaluate", "spectra.mgf", "--json", "evaluation.json", "--html", "evaluation.html"],
        ["map", "all.parquet", "--fasta", "spectra.fasta", "--report", "map.html"],
        ["train", *smoke],
        ["report", "run"],
        ["sequence", "spectra.mgf", "--checkpoint", "run/model.safetensors", "--rescoring", "none",
         "--output", "own.csv"],
    ]  # fmt: skip


EXPECTED = (
    *("all.parquet", "all.mztab", "all.html", "evaluation.json", "evaluation.html", "map.html"),
    *("run/summary.json", "run/report.html", "run/model.safetensors", "own.csv"),
)
"""Files that the commands must leave."""


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command without the variables by which Python finds other packages; return its text."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{' '.join(map(str, command))} ended with {done.returncode}")
    return done.stdout


def build(folder: Path) -> Path:
    """Build both files with the hatchling of this environment; return the path of the wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*folder.glob("denovo_ms-*.whl"), *folder.glob("denovo_ms-*.tar.gz")):
        path.unlink()
    run([sys.executable, "-m", "hatchling", "build", "--directory", folder], ROOT)
    (wheel,) = folder.glob("denovo_ms-*.whl")
    return wheel


def install(wheel: Path, folder: Path, python: str) -> Path:
    """Make a virtual environment, install torch and the wheel; return its folder of programs."""
    if python:
        run([python, "-m", "venv", folder], folder.parent)
    else:
        venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    # torch first: asked for by another package, pip may choose a build with gigabytes of CUDA.
    for package in ("torch", wheel):
        run([*pip, "--constraint", ROOT / "constraints.txt", package], folder.parent)
    return folder / "bin"


def check(folder: Path, programs: Path) -> None:
    """Run the commands in a folder and look at what they leave."""
    # The file of the tutorials, which uses the installed package.
    shutil.copy(ROOT / "docs" / "tutorials" / "example.py", folder)
    run([programs / "python", "example.py", "--name", "spectra"], folder)
    for command in commands():
        began = time.monotonic()
        text = run([programs / "denovo", *command], folder)
        print(f"{time.monotonic() - began:7.1f} s  denovo {' '.join(command)}", flush=True)
        if command[0] in ("--version", "doctor"):
            print(text)
    absent = [name for name in EXPECTED if not (folder / name).is_file()]
    if absent:
        sys.exit(f"not written: {', '.join(absent)}")
    steps = json.loads((folder / "run" / "summary.json").read_text())["steps"]
    print(f"all commands ran; {steps} steps of training")


def main() -> None:
    """Build, install and check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default="", help="interpreter of the new environment")
    arguments = parser.parse_args()
    wheel = build(ROOT / "dist")
    with tempfile.TemporaryDirectory(prefix="denovo-package-") as temporary:
        programs = install(wheel, Path(temporary, "venv"), arguments.python)
        folder = Path(temporary, "work")
        folder.mkdir()
        check(folder, programs)


if __name__ == "__main__":
    main()
