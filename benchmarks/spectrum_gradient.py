"""How strongly the spectrum matching loss pulls, for every width of the curriculum.

Run ``python benchmarks/spectrum_gradient.py``. Simulated spectra of the training set, without
noise, meet logits of three qualities: uniform over the residues; every second residue right with
probability 0.99, the others as sure of a wrong one; and all right with probability 0.99. Columns:

- norm: median over the spectra of the norm of the gradient with respect to the logits;
- alive: share of the residues whose logits feel a gradient above 1e-6;
- toward: share of the spectra whose prefix masses come closer to the truth by a small step
  against the gradient.
"""

import argparse

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from rich.console import Console
from rich.table import Table

from denovo.chemistry import FIRST_RESIDUE, Vocabulary
from denovo.curriculum import Noise
from denovo.data import prepare_batch
from denovo.losses import CompositeLoss, SpectrumMatchingLoss, expected_residue_masses
from denovo.spectra.batch import LabelledSpectra
from denovo.training.configuration import build
from denovo.training.program_files import config_directory

CERTAINTY = 0.99
STEP = 1e-2
ALIVE = 1e-6
COLUMNS = ("norm", "alive", "toward")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("overrides", nargs="*", help="settings as for train.py")
    parser.add_argument("--spectra", type=int, default=256)
    parser.add_argument("--widths", type=float, nargs="*", help="in Da; else the curriculum's")
    arguments = parser.parse_args()
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=arguments.overrides)
    vocabulary = Vocabulary(build(config.residues))
    sources = build(config.data.sources)(vocabulary=vocabulary)
    sources.prepare()
    clean = sources.open("train").read(np.arange(arguments.spectra))
    batch = prepare_batch(clean, Noise(), 0, config.data.n_peaks)
    curriculum = build(config.curriculum)
    loss = find_spectrum_loss(build(config.loss, vocabulary=vocabulary))
    stages = [curriculum.stage_at(step) for step in (0, *curriculum.boundaries)]
    planned = [stage.terms.get("spectrum", loss.settings)["width_da"] for stage in stages]
    widths = arguments.widths or planned
    qualities = logits_of_three_qualities(batch, vocabulary)
    table = Table("width, Da", *(f"{q}\n{c}" for q in qualities for c in COLUMNS))
    for width in sorted(set(widths), reverse=True):
        loss.set_settings({"width_da": width})
        cells = [cell for logits in qualities.values() for cell in measure(loss, logits, batch)]
        table.add_row(f"{width:g}", *cells)
    Console().print(table)


def find_spectrum_loss(loss: CompositeLoss) -> SpectrumMatchingLoss:
    """Take the spectrum matching term out of a loss."""
    return next(term for term in loss.terms.values() if isinstance(term, SpectrumMatchingLoss))


def logits_of_three_qualities(
    batch: LabelledSpectra, vocabulary: Vocabulary
) -> dict[str, torch.Tensor]:
    """Make logits of one refinement step; the wrong residues come from a fixed seed."""
    truth = batch.tokens
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randint(len(vocabulary.candidates), truth.shape, generator=generator)
    wrong = vocabulary.candidates[drawn]
    is_wrong = (torch.arange(truth.shape[1]) % 2 == 1).expand_as(truth)
    sure = {"half right": torch.where(is_wrong, wrong, truth), "nearly right": truth}
    n_others = len(vocabulary) - FIRST_RESIDUE - 1
    margin = torch.tensor(CERTAINTY / (1 - CERTAINTY) * n_others).log().item()
    uniform = torch.zeros(1, *truth.shape, len(vocabulary))
    made = {"uniform": uniform}
    for name, tokens in sure.items():
        made[name] = uniform.scatter(-1, tokens[None, ..., None], margin)
    return made


def measure(
    loss: SpectrumMatchingLoss, logits: torch.Tensor, batch: LabelledSpectra
) -> tuple[str, str, str]:
    """Return median norm, share alive and share that goes the right way."""
    leaf = logits.clone().requires_grad_()
    gradient = torch.autograd.grad(loss(leaf, batch).sum(), leaf)[0]
    norms = gradient[0].flatten(1).norm(dim=1)
    alive = gradient[0][batch.residue_mask].norm(dim=-1) > ALIVE
    step = STEP * gradient / norms[:, None, None].clamp(min=torch.finfo().tiny)
    before, after = (prefix_error(x, batch, loss.vocabulary) for x in (logits, logits - step))
    toward = (after < before).double().mean()
    return f"{norms.median():.2g}", f"{alive.double().mean():.2f}", f"{toward:.2f}"


def prefix_error(
    logits: torch.Tensor, batch: LabelledSpectra, vocabulary: Vocabulary
) -> torch.Tensor:
    """Sum the absolute errors of the expected prefix masses of each spectrum, in Da."""
    expected = expected_residue_masses(logits[-1], batch.residue_mask, vocabulary)
    true = torch.where(batch.residue_mask, vocabulary.masses[batch.tokens], 0.0)
    return (expected - true).cumsum(dim=-1).abs().sum(dim=-1)


if __name__ == "__main__":
    main()
