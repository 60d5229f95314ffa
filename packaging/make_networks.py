"""Train the networks of the package anew, from nothing, and write them to denovo/weights.

``make networks`` makes those of the shelf, ``make networks NETWORKS="hcd tmt"`` these. Both
directions of a network train beside each other. With the same versions of the libraries, the same
command gives the same weights.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "denovo" / "weights"
SMALL = ("size.n_peptides=150_000", "size.n_proteins=8000", "size.steps_per_stage=600")
LARGE = ("size.n_peptides=500_000", "size.n_proteins=22000", "size.steps_per_stage=1200")
TRAINED = {
    "hcd": ("denovo", "measured", LARGE, 9000),
    "nontryptic": ("nontryptic", "nontryptic", SMALL, 6000),
    "phospho": ("phospho", "phospho", SMALL, 6000),
    "tmt": ("tmt", "tmt", SMALL, 6000),
    "free-cysteine": ("free_cysteine", "free_cysteine", SMALL, 6000),
}
"""File, experiment, sizes, and spectra for the calibration of each network."""
ALWAYS = ("calibration_spectra=0", "rescoring=none", "logger=csv", "~callbacks.progress")
DIRECTIONS = ("forward", "backward")


def train(name: str, folder: Path) -> None:
    """Train both directions of a network and export them as one file."""
    file, experiment, sizes, n_calibration = TRAINED[name]
    settings = [f"+experiment={experiment}", *sizes, *ALWAYS, f"store_dir={folder / 'stores'}"]
    # Both directions read these spectra.
    _run("-m", "denovo", "simulate", *settings)
    running = []
    for direction in DIRECTIONS:
        own = (f"model.direction={direction}", f"hydra.run.dir={folder / name / direction}")
        running.append(subprocess.Popen([sys.executable, "train.py", *settings, *own], cwd=ROOT))
    if any([process.wait() for process in running]):
        sys.exit(f"the training of {name} failed")
    checkpoints = [str(folder / name / each / "checkpoints" / "last.ckpt") for each in DIRECTIONS]
    output = WEIGHTS / f"{file}.safetensors"
    calibrated = ("--calibration-spectra", str(n_calibration), "--output", str(output))
    _run("-m", "denovo", "export", *checkpoints, *calibrated)


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


def main() -> None:
    """Train the networks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", choices=[[], *TRAINED], default=[])
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "networks")
    given = parser.parse_args()
    for name in given.networks or [each for each in TRAINED if each != "hcd"]:
        train(name, given.folder.absolute())


if __name__ == "__main__":
    main()
