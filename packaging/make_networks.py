"""Train the networks of the package anew, from nothing, and write them to denovo/weights.

``make networks`` makes all but the default one, whose commands are on its card. Both directions of
a network train beside each other.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from denovo.sequencing.networks.loading import packaged

ROOT = Path(__file__).parents[1]
SIZES = ("size.n_peptides=150_000", "size.n_proteins=8000", "size.steps_per_stage=600")
NAMES = ("nontryptic", "phospho", "tmt", "free-cysteine")
N_CALIBRATION = "6000"
ALWAYS = ("calibration_spectra=0", "rescoring=none", "logger=csv", "~callbacks.progress")
DIRECTIONS = ("forward", "backward")


def train(name: str, folder: Path) -> None:
    """Train both directions of a network and export them as one file."""
    path = packaged(name)
    settings = [f"+experiment={path.stem}", *SIZES, *ALWAYS, f"store_dir={folder / 'stores'}"]
    # Both directions read these spectra.
    _run("-m", "denovo", "simulate", *settings)
    running = []
    for direction in DIRECTIONS:
        own = (f"model.direction={direction}", f"hydra.run.dir={folder / name / direction}")
        running.append(subprocess.Popen([sys.executable, "train.py", *settings, *own], cwd=ROOT))
    if any([process.wait() for process in running]):
        sys.exit(f"the training of {name} failed")
    checkpoints = [str(folder / name / each / "checkpoints" / "last.ckpt") for each in DIRECTIONS]
    calibrated = ("--calibration-spectra", N_CALIBRATION, "--output", str(path))
    _run("-m", "denovo", "export", *checkpoints, *calibrated)


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


def main() -> None:
    """Train the networks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="+", choices=NAMES)
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "networks")
    given = parser.parse_args()
    for name in given.networks:
        train(name, given.folder.absolute())


if __name__ == "__main__":
    main()
