"""Count the odds of the training-free sequencer, and write it as an exported network.

Run ``python benchmarks/site_odds.py spectrum_graph.safetensors`` and then ``denovo export`` on
that file for its probabilities and rerankers. Spectra are simulated, with the noise that the
shipped network was trained under, and of other proteins than training and calibration have; no
measured spectrum takes part.
"""

import argparse
from dataclasses import replace

import torch
from rich.progress import track

from denovo.chemistry import FIRST_RESIDUE, WATER_MASS, Vocabulary
from denovo.models import SpectrumGraphSequencer
from denovo.models.evidence.lookup import SiteIons
from denovo.models.spectrum_graph.outcomes import (
    IONS,
    N_OUTCOMES,
    N_PLACES,
    classified_peaks,
    outcomes,
    parents_seen,
    places,
)
from denovo.sequencing.fitting import known_spectra, noisy_batches, training_noise
from denovo.sequencing.networks import load_model, write_exported
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float64, Int, Tensor

SEED = 15_485_863
N_WRONG = 4
SMOOTHING = 20.0


def main() -> None:
    """Count, and write the sequencer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output")
    parser.add_argument("--spectra", type=int, default=10_000)
    parser.add_argument("--temperature", type=float, default=1.0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model()
    vocabulary = model.sequencer.vocabulary
    sequencer = SpectrumGraphSequencer(vocabulary, temperature=arguments.temperature)
    source = known_spectra(vocabulary, model.config, arguments.spectra, SEED)
    batches = list(noisy_batches(source, training_noise(model.config), model.n_peaks))
    generator = torch.Generator().manual_seed(SEED)
    true, wrong = torch.zeros_like(sequencer.odds), torch.zeros_like(sequencer.odds)
    for batch in track(batches, "counting"):
        right_masses, wrong_masses = sites(batch, vocabulary, generator)
        count(true, batch, *right_masses)
        count(wrong, batch, *wrong_masses)
    sequencer.odds.copy_(log_odds(true, wrong))
    inner, last = priors(batches, vocabulary)
    sequencer.log_inner.copy_(inner)
    sequencer.log_last.copy_(last)
    config = {
        **model.config,
        "model": {
            "_target_": "denovo.models.SpectrumGraphSequencer",
            "direction": "forward",
            "temperature": arguments.temperature,
        },
    }
    record = {"counted_on": f"{arguments.spectra} simulated spectra"}
    write_exported(arguments.output, sequencer, config, {}, record)


def sites(
    batch: LabelledSpectra, vocabulary: Vocabulary, generator: torch.Generator
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return spectrum and prefix mass of true sites, and of sums of wrong residues."""
    mass = vocabulary.masses[batch.tokens] * batch.residue_mask
    prefix = mass.cumsum(dim=1)
    is_n_terminal = vocabulary.is_n_terminal[batch.tokens]
    place = torch.arange(prefix.shape[1])
    is_site = (place < batch.n_residues[:, None] - 1) & ~is_n_terminal
    row, column = is_site.nonzero(as_tuple=True)
    true = prefix[row, column]
    residues = vocabulary.masses[vocabulary.candidates]
    residues = residues[residues > 50]
    # A site beyond a true one, as a beam meets it: one or two residues off, forth or back.
    draws = residues[torch.randint(len(residues), (len(row), N_WRONG, 2), generator=generator)]
    draws[:, ::2, 1] = 0.0
    sign = torch.randint(2, (len(row), N_WRONG), generator=generator) * 2 - 1
    off = true[:, None] + sign * draws.sum(dim=2)
    whole = batch.spectra.precursor_mass[row] - WATER_MASS
    distance = (off[..., None] - prefix[row][:, None]).abs().amin(dim=2)
    keep = (off > 50) & (off < whole[:, None] - 50) & (distance > 0.1)
    return (row, true), (row[:, None].expand(-1, N_WRONG)[keep], off[keep])


def count(
    table: Tensor, batch: LabelledSpectra, row: Int[Tensor, " site"], mass: Float64[Tensor, " site"]
) -> None:
    """Add what is seen at sites to a table."""
    peaks = replace(classified_peaks(batch.spectra), spectrum=row)
    total = batch.spectra.precursor_mass[row]
    site_ions = SiteIons(IONS, "forward", torch.zeros(1, dtype=torch.float64))
    seen = outcomes(peaks, site_ions, mass, total)
    parent, seen = parents_seen(seen)[..., 0], seen[..., 0]
    charge = (batch.spectra.precursor_charge[row] > 2).long()
    place = places(mass, total - WATER_MASS)
    context = (charge * N_PLACES + place)[:, None] * len(IONS) + torch.arange(len(IONS))
    flat = ((context * 2 + parent) * N_OUTCOMES + seen).flatten()
    table.view(-1).add_(torch.bincount(flat, minlength=table.numel()))


def log_odds(true: Tensor, wrong: Tensor) -> Tensor:
    """Turn counts into log-odds, which shrink to 0 where an outcome is rarely met at all."""
    true_total, wrong_total = (each.sum(dim=-1, keepdim=True) for each in (true, wrong))
    share = (true + wrong) / (true_total + wrong_total).clamp(min=1)
    odds = [
        (each + SMOOTHING * (share + 1e-3)) / (total + SMOOTHING)
        for each, total in ((true, true_total), (wrong, wrong_total))
    ]
    return odds[0].log() - odds[1].log()


def priors(batches: list[LabelledSpectra], vocabulary: Vocabulary) -> tuple[Tensor, Tensor]:
    """Count tokens inside peptides and at their C-terminus."""
    inner, last = torch.ones(len(vocabulary)), torch.ones(len(vocabulary))
    n_peptides = 0
    for batch in batches:
        n_peptides += len(batch)
        ends = batch.n_residues - 1
        final = batch.tokens.gather(1, ends[:, None])[:, 0]
        last += torch.bincount(final, minlength=len(vocabulary))
        every = batch.tokens[batch.tokens >= FIRST_RESIDUE]
        inner += torch.bincount(every, minlength=len(vocabulary))
        inner -= torch.bincount(final, minlength=len(vocabulary))
    modified = inner[vocabulary.is_n_terminal] / n_peptides
    inner, last = inner / inner.sum(), last / last.sum()
    inner[vocabulary.is_n_terminal] = modified
    return inner.log(), last.log()


if __name__ == "__main__":
    main()
