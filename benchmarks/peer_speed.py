"""Speed of other sequencers from PyPI, each in an environment of its own.

Their scripts, in ``peers/``, decode spectra with the decoders and at the size that each ships.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from denovo.chemistry import mass_to_mz
from denovo.spectra.batch import LabelledSpectra

SCRIPTS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[1]
_QUIETLY = ("--quiet", "--disable-pip-version-check")
"""Options of pip, with which its last line is the reason of a failure."""


class Peer(NamedTuple):
    """A program, its script, and what pip installs for it."""

    name: str
    script: str
    packages: tuple[str, ...]


# Casanovo holds numpy below 2, for which the newest pyarrow is not built.
PEERS = (
    Peer("Casanovo 5.2.1", "decode_casanovo.py", ("casanovo==5.2.1", "pyarrow<22", "numpy<2")),
    Peer("InstaNovo 1.2.2", "decode_instanovo.py", ("instanovo==1.2.2",)),
)


class SkippedError(Exception):
    """A peer cannot be measured here, for the reason that the message states."""


class Speed(NamedTuple):
    """Parameters of the network; CPU seconds and steps of each decoder for all spectra."""

    n_parameters: int
    seconds: dict[str, float]
    steps: dict[str, int]


def write_arrays(path: Path, batch: LabelledSpectra) -> Path:
    """Write spectra as the scripts read them."""
    spectra = batch.spectra
    mass, charge = spectra.precursor_mass.numpy(), spectra.precursor_charge.numpy()
    precursors = np.stack([mass, charge, mass_to_mz(mass, charge)], axis=1).astype("float32")
    arrays = {"mz": spectra.mz.numpy(), "intensity": spectra.intensity.numpy()}
    np.savez(path, precursors=precursors, n_residues=batch.n_residues.numpy(), **arrays)
    return path


def speed_of(peer: Peer, arrays: Path, folder: Path) -> Speed:
    """Measure a peer, whose environment is made under ``folder`` if it is not there.

    Raises
    ------
    SkippedError
        If it cannot be installed, or its script fails.
    """
    python, result = _environment(peer, folder), arrays.with_suffix(".json")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    _run([python, SCRIPTS / peer.script, arrays, result], peer, "does not run", environment)
    return Speed(**json.loads(result.read_text()))


def _environment(peer: Peer, folder: Path) -> Path:
    """Make a virtual environment with a peer in it; return its Python."""
    place = folder / Path(peer.script).stem
    python, ready = place / "bin" / "python", place / ".ready"
    if not ready.is_file():
        _run([sys.executable, "-m", "venv", "--clear", place], peer, "has no environment")
        # torch goes first: asked for by another package, pip may choose one with CUDA.
        torch = ("--constraint", str(ROOT / "constraints.txt"), "torch")
        for packages in (torch, peer.packages):
            install = [python, "-m", "pip", "install", *_QUIETLY, *packages]
            _run(install, peer, "is not installed")
        ready.touch()
    return python


def _run(
    command: list[str | Path], peer: Peer, fault: str, environment: dict[str, str] | None = None
) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SkippedError(f"skipped, {peer.name} {fault}: {last}")
