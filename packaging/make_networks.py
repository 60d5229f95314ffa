"""Train the networks of the package anew, from nothing, and write them to denovo/weights.

``make networks`` makes all of them. Both directions of a network train beside each other.
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


class Training(NamedTuple):
    """Experiment and length of a training, and spectra that probabilities are fitted to."""

    experiment: str
    n_peptides: int
    n_proteins: int
    steps_per_stage: int
    n_calibration: int

    def settings(self) -> list[str]:
        """Write experiment and size as settings."""
        names = ("n_peptides", "n_proteins", "steps_per_stage")
        sizes = [f"size.{name}={getattr(self, name)}" for name in names]
        return [f"+experiment={self.experiment}", *sizes]


_SMALL = (150_000, 8000, 600, 6000)
NETWORKS = {
    "hcd": Training("measured", 500_000, 22_000, 1200, 9000),
    "wide": Training("wide", 1_000_000, 44_000, 2000, 9000),
    "nontryptic": Training("nontryptic", *_SMALL),
    "phospho": Training("phospho", *_SMALL),
    "tmt": Training("tmt", *_SMALL),
    "free-cysteine": Training("free_cysteine", *_SMALL),
    "cid": Training("cid", *_SMALL),
}


def train(name: str, folder: Path, exclude: Sequence[Path]) -> None:
    """Train both directions of a network and export them as one file."""
    training, store = NETWORKS[name], folder / "stores"
    files = ",".join(str(path.absolute()) for path in exclude)
    settings = [*training.settings(), *ALWAYS, f"store_dir={store}"]
    settings += [f"data.sources.recipe.exclude=[{files}]"]
    # Both directions read these spectra.
    _run("-m", "denovo", "simulate", *settings)
    running = []
    for direction in DIRECTIONS:
        own = (f"model.direction={direction}", f"hydra.run.dir={folder / name / direction}")
        running.append(subprocess.Popen([sys.executable, "train.py", *settings, *own], cwd=ROOT))
    if any([process.wait() for process in running]):
        sys.exit(f"the training of {name} failed")
    checkpoints = [str(folder / name / each / "checkpoints" / "last.ckpt") for each in DIRECTIONS]
    fit = ("--calibration-spectra", str(training.n_calibration), "--output", str(packaged(name)))
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
