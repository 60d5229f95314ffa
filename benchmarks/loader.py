"""Spectra per second that the loader delivers, beside what a training step consumes.

Run ``python benchmarks/loader.py``. Both are measured in turns in one process, so that other load
on the machine meets both; the ratio is what counts.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

import torch
from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table
from torch.profiler import ProfilerActivity, profile

from denovo.chemistry import Vocabulary
from denovo.data import BatchPlan, prepare_batch
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build
from denovo.training.program_files import config_directory


class Training:
    """Batches and steps of a training in its last stage."""

    def __init__(self, overrides: Sequence[str]) -> None:
        with initialize_config_dir(str(config_directory()), version_base="1.3"):
            self.config = compose("train", overrides=list(overrides))
        torch.manual_seed(self.config.seed)
        self.vocabulary = Vocabulary(build(self.config.residues))
        curriculum = build(self.config.curriculum)
        self.noise = curriculum.last_stage.noise
        self.source = build(self.config.data.sources)(vocabulary=self.vocabulary).open("train")
        size = self.config.size.batch_size
        self.plan = BatchPlan(self.source.lengths, size, self.config.seed, curriculum.stage_at)
        self.sequencer = build(self.config.model, vocabulary=self.vocabulary)
        self.loss = build(self.config.loss, vocabulary=self.vocabulary)
        self.loss.set_weights(curriculum.last_stage.weights)
        self.optimizer = build(self.config.optimizer)(self.sequencer.parameters())
        self.step(self.load(0))  # fills tables

    def load(self, number: int) -> LabelledSpectra:
        """Read a batch and add its noise."""
        clean = self.source.read(self.plan.batch_at(number).indices)
        return prepare_batch(clean, self.noise, number, self.config.data.n_peaks, self.vocabulary)

    def step(self, batch: LabelledSpectra) -> None:
        """Train on a batch."""
        self.optimizer.zero_grad()
        self.loss(self.sequencer.forward(batch), batch).total.backward()
        self.optimizer.step()


def training_rates(training: Training, n_batches: int, n_rounds: int) -> dict[str, list[float]]:
    """Measure loader and training step; return spectra per second of each round."""
    rates: dict[str, list[float]] = {"loader": [], "training step": []}
    for number in range(n_rounds):
        first = 1 + number * n_batches
        start = time.perf_counter()
        batches = [training.load(first + k) for k in range(n_batches)]
        middle = time.perf_counter()
        for batch in batches:
            training.step(batch)
        end = time.perf_counter()
        spectra = n_batches * training.config.size.batch_size
        rates["loader"].append(spectra / (middle - start))
        rates["training step"].append(spectra / (end - middle))
    return rates


def training_shares(training: Training, n_batches: int) -> dict[str, float]:
    """Return the share of the CPU time of training steps that each operation of torch takes."""
    batches = [training.load(1 + number) for number in range(n_batches)]
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for batch in batches:
            training.step(batch)
    spent = {each.key: each.self_cpu_time_total for each in profiled.key_averages()}
    whole = sum(spent.values())
    return {name: value / whole for name, value in sorted(spent.items(), key=lambda s: -s[1])}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", help="settings as for train.py")
    parser.add_argument("--batches", type=int, default=20, help="batches per round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rates = training_rates(Training(arguments.overrides), arguments.batches, arguments.rounds)
    table = Table("", "spectra/s, median", "lowest", "highest")
    for name, values in rates.items():
        figures = (statistics.median(values), min(values), max(values))
        table.add_row(name, *(f"{value:,.0f}" for value in figures))
    console = Console()
    console.print(table)
    ratios = [a / b for a, b in zip(rates["loader"], rates["training step"], strict=True)]
    console.print(f"loader / training step: {statistics.median(ratios):.1f} (median of rounds)")


if __name__ == "__main__":
    main()
