"""Train the networks of the package anew, from nothing, and write them to denovo/weights.

``make networks`` makes all of them. Both directions of a network train beside each other. The
experiment of a network has its name.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from denovo.sequencing.networks.loading import packaged

ROOT = Path(__file__).parents[1]
ALWAYS = ("calibration_spectra=0", "rescoring=none", "logger=csv", "~callbacks.progress")
DIRECTIONS = ("forward", "backward")


class Size(NamedTuple):
    """Length of a training, and spectra that probabilities are fitted to."""

    n_peptides: int
    n_proteins: int
    steps_per_stage: int
    n_calibration: int

    def settings(self) -> list[str]:
        """Write the size as settings of a training."""
        names = ("n_peptides", "n_proteins", "steps_per_stage")
        return [f"size.{name}={getattr(self, name)}" for name in names]


_SMALL = Size(150_000, 8000, 600, 6000)
NETWORKS = {
    "hcd": Size(500_000, 22_000, 1200, 9000),
    "nontryptic": _SMALL,
    "phospho": _SMALL,
    "tmt": _SMALL,
    "free-cysteine": _SMALL,
}


def train(name: str, folder: Path, exclude: Sequence[Path]) -> None:
    """Train both directions of a network and export them as one file."""
    size, store = NETWORKS[name], folder / "stores"
    files = ",".join(str(path.absolute()) for path in exclude)
    settings = [f"+experiment={name.replace('-', '_')}", *size.settings(), *ALWAYS]
    settings += [f"store_dir={store}", f"data.sources.recipe.exclude=[{files}]"]
    # Both directions read these spectra.
    _run("-m", "denovo", "simulate", *settings)
    running = []
    for direction in DIRECTIONS:
        own = (f"model.direction={direction}", f"hydra.run.dir={folder / name / direction}")
        running.append(subprocess.Popen([sys.executable, "train.py", *settings, *own], cwd=ROOT))
    if any([process.wait() for process in running]):
        sys.exit(f"the training of {name} failed")
    checkpoints = [str(folder / name / each / "checkpoints" / "last.ckpt") for each in DIRECTIONS]
    fit = ("--calibration-spectra", str(size.n_calibration), "--output", str(packaged(name)))
    _run("-m", "denovo", "export", *checkpoints, *fit)


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


def main() -> None:
    """Train the networks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="+", choices=NETWORKS)
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "networks")
    parser.add_argument(
        "--exclude", nargs="*", default=[], type=Path, help="files whose peptides are left out"
    )
    given = parser.parse_args()
    for name in given.networks:
        train(name, given.folder.absolute(), given.exclude)


if __name__ == "__main__":
    main()
