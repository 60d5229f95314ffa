"""Time and memory of `denovo sequence` on files of growing size.

Run ``python benchmarks/large_file.py model.safetensors --sizes 10000 20000 100000``. The files hold
noisy simulated spectra of the network's own kind, repeated as often as need be. Each is sequenced
in a process of its own on one thread; its CPU time and the most memory it ever held are read from
the operating system. Linear time and flat memory show as equal figures in every row.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from denovo.chemistry import mass_to_mz
from denovo.data import prepare_batch
from denovo.sequencing.fitting import known_spectra, training_noise
from denovo.sequencing.networks import load_model

_DISTINCT = 2000
_BATCH_SIZE = 200


def entries(checkpoint: Path) -> list[str]:
    """Write simulated noisy spectra as entries of an MGF file, without their titles."""
    model = load_model(checkpoint)
    vocabulary = model.sequencer.vocabulary
    source = known_spectra(vocabulary, model.config, _DISTINCT)
    noise = training_noise(model.config)
    found = []
    for start in range(0, len(source), _BATCH_SIZE):
        clean = source.read(np.arange(start, min(start + _BATCH_SIZE, len(source))))
        spectra = prepare_batch(clean, noise, start, model.n_peaks, vocabulary).spectra
        for row in range(len(spectra)):
            charge = int(spectra.precursor_charge[row])
            precursor_mz = mass_to_mz(float(spectra.precursor_mass[row]), charge)
            mask = spectra.peak_mask[row]
            peak = spectra.mz[row, mask].tolist(), spectra.intensity[row, mask].tolist()
            pairs = zip(*peak, strict=True)
            peaks = "".join(f"{mz:.5f} {intensity:.5f}\n" for mz, intensity in pairs)
            found.append(f"PEPMASS={precursor_mz:.6f}\nCHARGE={charge}+\n{peaks}END IONS\n\n")
    return found


def lines(texts: list[str], n_spectra: int) -> Iterator[str]:
    """Repeat the entries until there are enough of them, each under a title of its own."""
    for number in range(n_spectra):
        yield f"BEGIN IONS\nTITLE=spectrum {number}\n{texts[number % len(texts)]}"


def run(arguments: list[str]) -> tuple[float, float]:
    """Run the command; return its CPU seconds and its largest resident memory in MiB."""
    command = [sys.executable, "-c", "from denovo.cli import main; main()", *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    pid = os.posix_spawn(sys.executable, command, environment)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"denovo {' '.join(arguments)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 20_000, 40_000])
    parser.add_argument("options", nargs="*", help="of denovo sequence, behind --")
    arguments = parser.parse_args()
    texts = entries(arguments.checkpoint)
    table = Table("spectra", "file, MB", "CPU s", "spectra/s", "memory, MiB")
    with tempfile.TemporaryDirectory() as folder:
        file, output = Path(folder) / "large.mgf", Path(folder) / "large.mztab"
        for n_spectra in arguments.sizes:
            with file.open("w") as stream:
                stream.writelines(lines(texts, n_spectra))
            options = ["--checkpoint", str(arguments.checkpoint), "--output", str(output)]
            options += ["--overwrite", "--threads", "1", *arguments.options]
            seconds, memory = run(["sequence", str(file), *options])
            table.add_row(
                f"{n_spectra:,}",
                f"{file.stat().st_size / 1e6:.0f}",
                f"{seconds:.1f}",
                f"{n_spectra / seconds:.0f}",
                f"{memory:.0f}",
            )
    Console().print(table)


if __name__ == "__main__":
    main()
