"""How much faster one checkout sequences than another, with the same network.

Run ``python benchmarks/paired_rates.py OLD NEW a.mgf b.mgf``, after ``make setup`` in both. Each
checkout has a process of one thread, and the two take turns, batch by batch, so that whatever slows
the machine slows both. Each reads the network that OLD ships. It prints the spectra per second of
CPU time in each round, and the mean of the ratios with its standard error. ``--simulated 1024``
adds noisy simulated spectra, apart from those of the files.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import torch

from denovo.io import open_spectra
from denovo.sequencing.networks import load_model
from denovo.sequencing.settings import SequencingSettings

_BATCH = 256


class Side:
    """A process that sequences the spectra of files batch by batch, with the code of a checkout."""

    def __init__(self, checkout: Path, files: list[str], network: Path) -> None:
        python = checkout / ".venv" / "bin" / "python"
        if not python.exists():
            sys.exit(f"{checkout} has no environment; run `make setup` there")
        self._process = subprocess.Popen(
            [str(python), __file__, "--take-turns", str(network), *files],
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(checkout.resolve())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        self.n_spectra = int(self._answer())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def seconds(self, batch: int) -> float:
        """Sequence a batch; return its CPU time."""
        assert self._process.stdin
        print(batch, file=self._process.stdin, flush=True)
        return float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline() or sys.exit("a checkout failed, see above")


def take_turns(network: str, files: list[str]) -> None:
    """Sequence the batches whose numbers come in; print the CPU time of each."""
    torch.set_num_threads(1)
    records = list(open_spectra(files))
    pipeline = SequencingSettings(rescoring="full", device="cpu").pipeline(load_model(network))
    list(pipeline(records[:_BATCH]))  # fills tables, compiles kernels
    print(len(records), flush=True)
    for line in sys.stdin:
        start = time.process_time()
        list(pipeline(records[int(line) * _BATCH :][:_BATCH]))
        print(time.process_time() - start, flush=True)


def compare(old: Side, new: Side, n_rounds: int) -> None:
    """Let two processes take turns, and print their rates and ratio."""
    ratios = []
    batches = range(-(-old.n_spectra // _BATCH))
    for number in range(n_rounds):
        spent = {old: 0.0, new: 0.0}
        for batch in batches:
            for side in (old, new) if (batch + number) % 2 else (new, old):
                spent[side] += side.seconds(batch)
        ratios.append(spent[old] / spent[new])
        rates = [old.n_spectra / spent[side] for side in (old, new)]
        print(f"  {rates[0]:.1f} and {rates[1]:.1f} spectra / CPU s: {ratios[-1]:.2f}", flush=True)
    error = statistics.stdev(ratios) / n_rounds**0.5
    print(
        f"{old.n_spectra} spectra: {statistics.mean(ratios):.2f} times, standard error {error:.2f}"
    )


def main() -> None:
    """Compare two checkouts on files, and on simulated spectra."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--simulated", type=int, default=0, metavar="N")
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("--rounds must be at least 2: the error is that of their mean")
    network = options.old / "denovo" / "weights" / "denovo.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        sets = [options.files] if options.files else []
        if options.simulated:
            from performance import write_mgf  # not every old checkout has what it needs

            path = Path(folder) / "simulated.mgf"
            sets.append([str(write_mgf(path, load_model(), options.simulated))])
        for files in sets:
            with (
                Side(options.old, files, network) as old,
                Side(options.new, files, network) as new,
            ):
                compare(old, new, options.rounds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--take-turns"]:
        take_turns(sys.argv[2], sys.argv[3:])
    else:
        main()
