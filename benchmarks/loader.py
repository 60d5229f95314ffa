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

from denovo.chemistry import Vocabulary
from denovo.data import BatchPlan, prepare_batch
from denovo.training.configuration import build
from denovo.training.program_files import config_directory


def training_rates(
    overrides: Sequence[str], n_batches: int, n_rounds: int
) -> dict[str, list[float]]:
    """Measure loader and training step; return spectra per second of each round."""
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=list(overrides))
    torch.manual_seed(config.seed)
    vocabulary = Vocabulary(build(config.residues))
    curriculum = build(config.curriculum)
    source = build(config.data.sources)(vocabulary=vocabulary).open("train")
    plan = BatchPlan(source.lengths, config.size.batch_size, config.seed, curriculum.stage_at)
    sequencer = build(config.model, vocabulary=vocabulary)
    loss = build(config.loss, vocabulary=vocabulary)
    loss.set_weights(curriculum.last_stage.weights)
    optimizer = build(config.optimizer)(sequencer.parameters())

    def load(number: int):
        clean = source.read(plan.batch_at(number).indices)
        noise = curriculum.last_stage.noise
        return prepare_batch(clean, noise, number, config.data.n_peaks, vocabulary)

    def step(batch) -> None:
        optimizer.zero_grad()
        loss(sequencer.forward(batch), batch).total.backward()
        optimizer.step()

    step(load(0))
    rates: dict[str, list[float]] = {"loader": [], "training step": []}
    for number in range(n_rounds):
        first = 1 + number * n_batches
        start = time.perf_counter()
        batches = [load(first + k) for k in range(n_batches)]
        middle = time.perf_counter()
        for batch in batches:
            step(batch)
        end = time.perf_counter()
        spectra = n_batches * config.size.batch_size
        rates["loader"].append(spectra / (middle - start))
        rates["training step"].append(spectra / (end - middle))
    return rates


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", help="settings as for train.py")
    parser.add_argument("--batches", type=int, default=20, help="batches per round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    rates = training_rates(arguments.overrides, arguments.batches, arguments.rounds)
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
