"""What the mass constraint costs and gains: decoders on the same noisy spectra, in turns.

Run ``python benchmarks/decoding.py runs/a/checkpoints/best.ckpt``. The spectra are simulated test
spectra of the checkpoint's alphabet with the noise of the last stage of a curriculum. A round
decodes them with each decoder in turn and CPU time is counted, which other load on the machine
hardly changes; the ratios to the plain beam are what counts.
"""

import argparse
import time

import numpy as np
import pandas as pd
import torch
from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table

from denovo.chemistry import Vocabulary
from denovo.data import prepare_batch
from denovo.decoding import BeamDecoder, Decoded, GreedyDecoder, MassConstraint
from denovo.metrics import match_residues
from denovo.sequencing.networks import load_sequencer
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.training.configuration import build
from denovo.training.program_files import config_directory

PLAIN = "beam"


def batches_of(arguments: argparse.Namespace, vocabulary: Vocabulary) -> list[LabelledSpectra]:
    """Read test spectra, similar lengths in one batch as in a sequenced file, and add noise."""
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=["run_dir=/nonexistent", *arguments.overrides])
    source = build(config.data.sources)(vocabulary=vocabulary).open("test")
    noise = build(config.curriculum).last_stage.noise
    order = np.argsort(source.lengths[: arguments.spectra], kind="stable")
    parts = np.array_split(order, max(len(order) // arguments.batch_size, 1))
    return [
        prepare_batch(source.read(rows), noise, number, config.data.n_peaks, source.vocabulary)
        for number, rows in enumerate(parts)
    ]


def is_right(decoded: Decoded, batch: LabelledSpectra, vocabulary: Vocabulary) -> list[bool]:
    """Judge the best answers by the criterion of `PeptideMetrics`."""
    masses = vocabulary.masses.numpy()
    truths = [row[mask].numpy() for row, mask in zip(batch.tokens, batch.residue_mask, strict=True)]
    return [
        len(guess) > 0 and bool(match_residues(masses[guess], masses[truth]).all())
        for guess, truth in zip(decoded.peptides, truths, strict=True)
    ]


def is_changed(decoded: Decoded) -> list[str]:
    """Say of each spectrum what the constraint did to the answer."""
    if decoded.is_feasible is None or decoded.constraint_cost is None:
        return [""] * len(decoded.peptides)
    kind = torch.where(decoded.constraint_cost == 0, 0, 1).where(decoded.is_feasible, 2)
    return [("kept", "changed", "infeasible")[number] for number in kind.tolist()]


def measure(
    decoders: dict[str, BeamDecoder],
    sequencer: Sequencer,
    vocabulary: Vocabulary,
    batches: list[LabelledSpectra],
    n_rounds: int,
) -> pd.DataFrame:
    """Decode all batches with each decoder in turn; return a row for each spectrum and round."""
    for decoder in decoders.values():
        decoder(sequencer, batches[0].spectra)  # builds the tables
    parts = []
    for number in range(n_rounds):
        for name, decoder in decoders.items():
            for batch in batches:
                start = time.process_time()
                decoded = decoder(sequencer, batch.spectra)
                seconds = (time.process_time() - start) / len(batch)
                part = {"right": is_right(decoded, batch, vocabulary), "did": is_changed(decoded)}
                parts.append(pd.DataFrame(part).assign(decoder=name, round=number, seconds=seconds))
    return pd.concat(parts, ignore_index=True)


def show(rows: pd.DataFrame) -> None:
    """Print a row for each decoder."""
    table = Table("decoder", "spectra/s", "ratio", "right", "won", "lost", "changed", "infeasible")
    seconds = rows.pivot_table("seconds", "round", "decoder", aggfunc="mean")
    last = rows[rows["round"] == rows["round"].max()]
    plain = np.asarray(last.loc[last["decoder"] == PLAIN, "right"])
    for name, group in last.groupby("decoder", sort=False):
        right = np.asarray(group["right"])
        table.add_row(
            str(name),
            f"{1 / seconds[name].median():.0f}",
            f"{(seconds[PLAIN] / seconds[name]).median():.2f}",
            f"{right.mean():.4f}",
            str((right & ~plain).sum()),
            str((plain & ~right).sum()),
            str((group["did"] == "changed").sum()),
            str((group["did"] == "infeasible").sum()),
        )
    Console(width=110).print(table)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("overrides", nargs="*", help="settings of store and noise")
    parser.add_argument("--spectra", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--width", type=int, default=5)
    parser.add_argument("--tolerance", default="20 ppm")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    sequencer, _ = load_sequencer(arguments.checkpoint)
    assert isinstance(sequencer, Sequencer)
    vocabulary = sequencer.vocabulary
    width, constraint = arguments.width, MassConstraint(arguments.tolerance)
    decoders = {
        "greedy": GreedyDecoder(),
        "greedy, constrained": BeamDecoder(1, constraint=constraint),
        PLAIN: BeamDecoder(width),
        "beam, constrained": BeamDecoder(width, constraint=constraint),
        f"beam, constrained, {width} best": BeamDecoder(
            width, n_candidates=width, constraint=constraint
        ),
    }
    batches = batches_of(arguments, vocabulary)
    show(measure(decoders, sequencer, vocabulary, batches, arguments.rounds))


if __name__ == "__main__":
    main()
