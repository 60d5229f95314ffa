"""Accuracy and speed of trained sequencers on the same spectra, in turns.

Run ``python benchmarks/sequencers.py runs/a/checkpoints/best.ckpt runs/b/checkpoints/best.ckpt``.
The spectra are clean simulated test spectra of the store that ``train.py`` uses with the settings
in ``--overrides``: give those that the checkpoints were trained with, so that none has seen them.
A round decodes them greedily with each sequencer in turn, so that other load meets all of them.
"""

import argparse
import statistics
import time

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table

from denovo.chemistry import Vocabulary
from denovo.curriculum import Noise
from denovo.data import prepare_batch
from denovo.decoding import GreedyDecoder
from denovo.metrics.evaluation import EvaluationMetrics
from denovo.sequencing.networks import load_sequencer
from denovo.training.configuration import build
from denovo.training.program_files import config_directory


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--spectra", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--overrides", nargs="*", default=[], help="settings of the store")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=arguments.overrides)
    vocabulary = Vocabulary(build(config.residues))
    source = build(config.data.sources)(vocabulary=vocabulary).open("test")
    # Similar lengths share a batch, as when a file is sequenced.
    order = np.argsort(source.lengths[: arguments.spectra], kind="stable")
    batches = [
        prepare_batch(source.read(rows), Noise(), seed=0, n_peaks=config.data.n_peaks)
        for rows in np.array_split(order, max(len(order) // arguments.batch_size, 1))
    ]
    decoder, rates, figures = GreedyDecoder(), {}, {}
    sequencers = {path: load_sequencer(path)[0] for path in arguments.checkpoints}
    for path, sequencer in sequencers.items():
        if sequencer.vocabulary.fingerprint != vocabulary.fingerprint:
            parser.error(f"{path} was trained with another alphabet than --overrides name")
    for _ in range(arguments.rounds):
        for path, sequencer in sequencers.items():
            metrics = EvaluationMetrics(vocabulary)
            start = time.perf_counter()
            answers = [decoder(sequencer, batch.spectra) for batch in batches]
            seconds = time.perf_counter() - start
            for decoded, batch in zip(answers, batches, strict=True):
                metrics.update(
                    decoded.peptides, decoded.expected_mass, decoded.special_probability, batch
                )
            rates.setdefault(path, []).append(len(order) / seconds)
            figures[path] = metrics.compute()
    table = Table("checkpoint", "parameters", "aa recall", "peptide recall", "spectra/s")
    for path, sequencer in sequencers.items():
        n_parameters = sum(p.numel() for p in sequencer.parameters())
        table.add_row(
            path,
            f"{n_parameters:,}",
            f"{float(figures[path]['aa_recall']):.3f}",
            f"{float(figures[path]['peptide_recall']):.3f}",
            f"{statistics.median(rates[path]):.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
