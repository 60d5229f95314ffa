"""Speed and memory of every stage, from the start of a command to whole runs of `denovo sequence`.

Run ``make bench``, or ``python benchmarks/performance.py --spectra 100000 --stages sequence``. The
spectra are noisy simulated ones that the shipped network was not trained on. Stages within this
process run on one thread in rounds, in CPU time (loader and training step: wall time): the table
holds median, lowest and highest. Whole commands are processes of their own; their CPU time and
memory are those of all their processes, memory as the proportional set size, in which shared pages
count once. Other programs decode some of the spectra by their own code, see ``peer_speed.py``; pip
installs them in the first run.

``--write`` puts the table into ``docs/figures/performance.json`` and the document, see
``benchmarks/figures.py``, and ``--json FILE`` writes all figures.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain, product
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import figures
import numpy as np
import peer_speed
import psutil
import torch
from loader import Training, training_rates, training_shares
from startup import TORCH, commands, seconds

from denovo.chemistry import mass_to_mz
from denovo.data import prepare_batch
from denovo.io import open_spectra
from denovo.processes import n_cores
from denovo.sequencing import SequencingSettings
from denovo.sequencing.fitting import known_spectra, training_noise
from denovo.sequencing.networks import TrainedModel, load_model
from denovo.sequencing.rescoring.rescorer import Rescorer
from denovo.sequencing.rescoring.similarity import Similarity

_ANSWERED = 384
"""Spectra of a round of answers."""
_SIMULATED = 2048
_SEED = 104_729
_BATCH = 128
_OF_PEERS = 4
_ENVIRONMENTS = Path("runs/peers")
_ROUNDS = 3
_MEMORY_S = 2.0
_STAGES = ("start", "simulate", "train", "answer", "peers", "sequence")
_MATRIX_PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm")
_HEAD = ("| stage | median | lowest-highest | unit | |", "|---|---|---|---|---|")


class Row(NamedTuple):
    """A stage, what it is measured by, and the figures of its rounds."""

    stage: str
    unit: str
    values: list[float]
    note: str = ""

    def text(self) -> str:
        """Write a row of the table."""
        if not self.values:
            return f"| {self.stage} | - | | {self.unit} | {self.note} |"
        middle, low, high = statistics.median(self.values), min(self.values), max(self.values)
        spread = f"{_short(low)}-{_short(high)}" if len(self.values) > 1 else ""
        return f"| {self.stage} | {_short(middle)} | {spread} | {self.unit} | {self.note} |"


class Way(NamedTuple):
    """Runs of a command at once, and workers of each."""

    n_runs: int
    n_workers: int


class Spent(NamedTuple):
    """Wall time and CPU time in s, and largest memory in MiB."""

    wall: float
    cpu: float
    memory: float


def write_mgf(path: Path, model: TrainedModel, n_spectra: int) -> Path:
    """Write simulated noisy spectra, each of another peptide."""
    vocabulary = model.sequencer.vocabulary
    source = known_spectra(vocabulary, model.config, n_spectra, _SEED)
    noise = training_noise(model.config)
    entries = []
    for start in range(0, len(source), _BATCH):
        clean = source.read(np.arange(start, min(start + _BATCH, len(source))))
        spectra = prepare_batch(clean, noise, start, model.n_peaks, vocabulary).spectra
        for row in range(len(spectra)):
            charge = int(spectra.precursor_charge[row])
            precursor_mz = mass_to_mz(float(spectra.precursor_mass[row]), charge)
            mask = spectra.peak_mask[row]
            peak = spectra.mz[row, mask].tolist(), spectra.intensity[row, mask].tolist()
            peaks = "".join(f"{mz:.5f} {height:.5f}\n" for mz, height in zip(*peak, strict=True))
            entries.append(
                f"BEGIN IONS\nTITLE=spectrum {start + row}\nPEPMASS={precursor_mz:.6f}\n"
                f"CHARGE={charge}+\n{peaks}END IONS\n\n"
            )
    path.write_text("".join(entries))
    return path


def starting(folder: Path) -> Iterator[Row]:
    """Measure how long commands take to start, beside what they cannot do without."""
    file = folder / "one.mgf"
    for command in commands(file):
        if command.name == TORCH or "help" in command.name or "one" in command.name:
            walls = [seconds(command, folder)[0] for _ in range(_ROUNDS + 1)][1:]
            yield Row(f"`{command.name}`", "s, wall", walls)


def simulating(model: TrainedModel) -> Iterator[Row]:
    """Measure the prediction of spectra by MS2PIP."""
    vocabulary = model.sequencer.vocabulary

    def simulate(number: int) -> int:
        return len(known_spectra(vocabulary, model.config, _SIMULATED, _SEED + number))

    yield Row("simulation", "spectra / CPU s", _rates(simulate))


def training() -> Iterator[Row]:
    """Measure loader and training step of the default network, and what a step consists of."""
    work = Training([])
    for name, values in training_rates(work, n_batches=10, n_rounds=_ROUNDS).items():
        yield Row(name, "spectra / s, wall", values)
    shares = training_shares(work, n_batches=10)
    products = sum(shares.pop(name, 0.0) for name in _MATRIX_PRODUCTS)
    yield Row("of which matrix products", "% of the CPU time", [products * 100])
    name, largest = next(iter(shares.items()))
    yield Row("of which the next operation", "% of the CPU time", [largest * 100], f"`{name}`")


def sequencing(model: TrainedModel, file: Path) -> Iterator[Row]:
    """Measure reading, each kind of rescoring, and the parts of the full one."""
    records = list(open_spectra(file))
    chunk = min(len(records) // _ROUNDS, _ANSWERED)
    yield Row("reading MGF", "spectra / CPU s", _rates(lambda _: len(list(open_spectra(file)))))
    for kind in ("none", "joint", "full"):
        pipeline = SequencingSettings(rescoring=kind, device="cpu").pipeline(model)
        list(pipeline(records[:_BATCH]))  # fills tables
        spent: dict[str, float] = {}
        with _watched(spent, Rescorer, "lists"), _watched(spent, Similarity, "_predict"):
            rates = _rates(lambda n, run=pipeline: len(list(run(records[n * chunk :][:chunk]))))
        yield Row(f"answers, `{kind}`", "spectra / CPU s", rates)
        for part, name in (("lists", "other network"), ("_predict", "MS2PIP")):
            if part in spent:
                cost = spent[part] / (_ROUNDS * chunk) * 1e3
                yield Row(f"of which {name}", "ms CPU / spectrum", [cost])


def running(file: Path, folder: Path, n_spectra: int) -> Iterator[Row]:
    """Measure whole commands with one worker and with all cores, in turns.

    Runs of one worker on all cores at once show what two programs that share nothing would gain.
    """
    ways = [Way(1, 1), Way(1, n_cores()), Way(n_cores(), 1)] if n_cores() > 1 else [Way(1, 1)]
    for kind in ("none", "full"):
        command = ["sequence", str(file), "--rescoring", kind, "--overwrite"]
        spent: dict[Way, list[Spent]] = {way: [] for way in ways}
        for _, (way, found) in product(range(_ROUNDS), spent.items()):
            worked = [*command, "--workers", str(way.n_workers), "--output"]
            outputs = [str(folder / f"{number}.parquet") for number in range(way.n_runs)]
            found.append(run([[*worked, output] for output in outputs]))
        rates = {way: [way.n_runs * n_spectra / each.wall for each in spent[way]] for way in ways}
        alone = statistics.mean(rates[ways[0]])
        for way, found in spent.items():
            name = f"`sequence --rescoring {kind} --workers {way.n_workers}`"
            name += f", {way.n_runs} at once" if way.n_runs > 1 else ""
            ratio = f"{statistics.mean(rates[way]) / alone:.2f} times one worker"
            yield Row(name, "spectra / s, wall", rates[way], ratio if way != ways[0] else "")
            yield Row("", "CPU s in all", [each.cpu for each in found])
            yield Row("", "MiB in all", [each.memory for each in found])


def others(model: TrainedModel, folder: Path) -> Iterator[Row]:
    """Measure the decoders of other programs, on spectra that `none` and `full` answer too."""
    vocabulary = model.sequencer.vocabulary
    source = known_spectra(vocabulary, model.config, _OF_PEERS, _SEED)
    clean, noise = source.read(np.arange(len(source))), training_noise(model.config)
    batch = prepare_batch(clean, noise, 0, model.n_peaks, vocabulary)
    arrays = peer_speed.write_arrays(folder / "spectra.npz", batch)
    for peer in peer_speed.PEERS:
        try:
            speed = peer_speed.speed_of(peer, arrays, _ENVIRONMENTS)
        except peer_speed.SkippedError as reason:
            yield Row(peer.name, "spectra / CPU s", [], str(reason))
            continue
        size = f"{speed.n_parameters / 1e6:.1f} million parameters, random"
        for decoder, spent in speed.seconds.items():
            note = f"{size}; {speed.steps[decoder]} steps"
            yield Row(f"{peer.name}, {decoder}", "spectra / CPU s", [_OF_PEERS / spent], note)


def run(commands: Sequence[Sequence[str]]) -> Spent:
    """Run commands of `denovo` at once; measure all of their processes together."""
    start = time.perf_counter()
    with ExitStack() as running:
        processes = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", "from denovo.cli import main; main()", *arguments],
                    env=os.environ | {"OMP_NUM_THREADS": "1"},
                    stdout=subprocess.DEVNULL,
                )
            )
            for arguments in commands
        ]
        usage = Usage(*(psutil.Process(process.pid) for process in processes))
        while any(process.poll() is None for process in processes):
            usage.look()
            time.sleep(0.1)
    for process, arguments in zip(processes, commands, strict=True):
        if process.returncode:
            sys.exit(f"denovo {' '.join(arguments)} failed")
    return Spent(time.perf_counter() - start, usage.seconds, usage.largest)


class Usage:
    """CPU time and memory of processes and their children, as seen at each look.

    Attributes
    ----------
    largest : float
        Most memory of all of them together, in MiB.
    """

    def __init__(self, *processes: psutil.Process) -> None:
        self._processes, self.largest = processes, 0.0
        self._used: dict[int, float] = {}
        self._next = 0.0

    def look(self) -> None:
        """Measure what runs now; memory only once in `_MEMORY_S`, as it takes some 20 ms of CPU."""
        sees_memory, memory = time.monotonic() >= self._next, 0
        for each in [*self._processes, *chain.from_iterable(map(_children, self._processes))]:
            try:
                self._used[each.pid] = sum(each.cpu_times()[:2])
                memory += each.memory_full_info().pss if sees_memory else 0
            except psutil.Error:  # it has ended
                continue
        if sees_memory:
            self.largest = max(self.largest, memory / 2**20)
            self._next = time.monotonic() + _MEMORY_S

    @property
    def seconds(self) -> float:
        """CPU time of all processes in s."""
        return sum(self._used.values())


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _rates(work: Callable[[int], int]) -> list[float]:
    """Return what is done per second of CPU time in each round."""
    found = []
    for number in range(_ROUNDS):
        start = time.process_time()
        found.append(work(number) / (time.process_time() - start))
    return found


@contextmanager
def _watched(spent: dict[str, float], owner: type, name: str) -> Iterator[None]:
    """Add up the CPU time within a method while the block runs."""
    original = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        start = time.process_time()
        try:
            return original(*args, **kwargs)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - start

    with patch.object(owner, name, watched):
        yield


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spectra", type=int, default=8192, help="of the whole commands")
    parser.add_argument(
        "--stages",
        nargs="+",
        default=_STAGES,
        choices=_STAGES,
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true", help="replace the table of the documents")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write_mgf(folder / "spectra.mgf", model, options.spectra)
        write_mgf(folder / "one.mgf", model, 1)
        stages: dict[str, Callable[[], Iterator[Row]]] = {
            "start": lambda: starting(folder),
            "simulate": lambda: simulating(model),
            "train": training,
            "answer": lambda: sequencing(model, file),
            "peers": lambda: others(model, folder),
            "sequence": lambda: running(file, folder, options.spectra),
        }
        for stage in options.stages:
            for row in stages[stage]():
                rows.append(row)
                print(row.text(), flush=True)
    memory = psutil.virtual_memory().total / 2**30
    described = (
        f"{n_cores()} cores ({platform.machine()}), {memory:.0f} GiB, Python "
        f"{platform.python_version()}, torch {torch.__version__}; {options.spectra:,} spectra in "
        "the whole commands"
    )
    if options.write:
        lines = [f"{described}.", "", *_HEAD, *(row.text() for row in rows)]
        figures.write("performance", "make bench", {"table": {"lines": lines}})
        figures.fill()
    if options.json:
        found = {"machine": described, "rows": [row._asdict() for row in rows]}
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
