"""Reading of the networks of `+experiment=mass_losses`, branch by branch, with errors over seeds.

python benchmarks/mass_losses.py RUNS casanovo.mgf hela.mgf pepnet.mgf --sqrt-intensity casanovo.mgf

RUNS holds the folders of the jobs. Each network (``last.ckpt``) reads noisy simulated test spectra,
and the measured spectra of the files, in three ways: greedily, with a beam of 5, and with a beam of
5 under the precursor mass. *right*: share of the peptides; *residues*: AA recall; *fits*: share of
the greedy answers within 20 ppm of the precursor, which no constraint enforced. Differences are to
the branch ``none`` of the same seed: mean and standard error over the seeds.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from omegaconf import OmegaConf

from denovo.chemistry import WATER_MASS, ppm_error
from denovo.choices import DecoderKind
from denovo.curriculum import Noise
from denovo.data import SpectrumSource, prepare_batch
from denovo.decoding import make_decoder
from denovo.evaluation.sets import open_sources
from denovo.metrics import score_peptides
from denovo.sequencing.networks import load_sequencer
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build

_BATCH = 128
_FITS_PPM = 20
REFERENCE = "none"


def figures_of(checkpoint: Path, batches: dict[str, list[LabelledSpectra]]) -> dict[str, float]:
    """Decode all sets in three ways."""
    sequencer, _ = load_sequencer(checkpoint)
    vocabulary, found = sequencer.vocabulary, {}
    for name, of_set in batches.items():
        truths = [
            row[mask].tolist()
            for batch in of_set
            for row, mask in zip(batch.tokens, batch.residue_mask, strict=True)
        ]
        measured = torch.cat([batch.spectra.precursor_mass for batch in of_set])
        for kind in DecoderKind:
            decoder = make_decoder(kind)
            answers = [p for b in of_set for p in decoder(sequencer, b.spectra).peptides]
            rows = score_peptides(answers, truths, vocabulary)
            aa_recall = rows["n_matched"].sum() / rows["n_true"].sum()
            found[f"{name}, {kind.value}: right"] = rows["is_right"].mean()
            found[f"{name}, {kind.value}: residues"] = aa_recall
            if kind is DecoderKind.GREEDY:
                masses = [float(vocabulary.masses[p].sum()) + WATER_MASS for p in answers]
                error = ppm_error(torch.tensor(masses, dtype=torch.float64), measured).abs()
                found[f"{name}, {kind.value}: fits"] = (error < _FITS_PPM).double().mean().item()
    return found


def batches_of(source: SpectrumSource, n: int, noise: Noise, n_peaks: int) -> list[LabelledSpectra]:
    """Read spectra of similar lengths as batches, with the same noise for every network."""
    order = np.argsort(source.lengths[:n], kind="stable")
    parts = np.array_split(order, max(len(order) // _BATCH, 1))
    return [
        prepare_batch(source.read(rows), noise, number, n_peaks, source.vocabulary)
        for number, rows in enumerate(parts)
    ]


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Give mean and standard error over seeds of each figure's difference to the reference."""
    reference = table.xs(REFERENCE, level="branch")
    rows = {}
    for branch, of_branch in table.groupby(level="branch", sort=False):
        values = of_branch.droplevel("branch")
        change = values - reference.loc[values.index] if branch != REFERENCE else values
        error = change.std(ddof=1) / np.sqrt(len(change))
        rows[branch] = [
            f"{m:+.3f} ± {e:.3f}" if branch != REFERENCE else f"{m:.3f} ± {e:.3f}"
            for m, e in zip(change.mean(), error, strict=True)
        ]
    return pd.DataFrame.from_dict(rows, orient="index", columns=table.columns)


def main(arguments: Sequence[str] | None = None) -> None:
    """Decode, and print the table; figures of each network are kept beside its checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--sqrt-intensity", nargs="*", default=[])
    parser.add_argument("--spectra", type=int, default=2000)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows, batches = {}, {}
    for summary in sorted(given.runs.glob("*/summary.json")):
        folder = summary.parent
        config = OmegaConf.load(folder / "config.yaml")
        if not batches:
            vocabulary = load_sequencer(folder / "checkpoints" / "last.ckpt")[0].vocabulary
            simulated = build(config.data.sources)(vocabulary=vocabulary).open("test")
            noise, n_peaks = Noise(**config.curriculum.base.noise), config.data.n_peaks
            batches = {"simulated": batches_of(simulated, given.spectra, noise, n_peaks)}
            sources = open_sources(given.files, vocabulary, given.sqrt_intensity, True)
            batches["measured"] = [
                batch
                for source in sources.values()
                for batch in batches_of(source, len(source), Noise(), n_peaks)
            ]
        kept = folder / "mass_losses.json"
        if not kept.is_file():
            found = figures_of(folder / "checkpoints" / "last.ckpt", batches)
            kept.write_text(json.dumps(found, indent=1))
        rows[config.branch, config.seed] = json.loads(kept.read_text())
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["branch", "seed"])
    print(table.to_string(float_format="%.3f"))
    print(summarise(table).to_string())


if __name__ == "__main__":
    main()
