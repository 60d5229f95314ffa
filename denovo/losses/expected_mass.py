"""Differentiable masses of peptides, from the residue distribution at each position."""

import torch

from denovo.chemistry import FIRST_RESIDUE, WATER_MASS, Vocabulary
from denovo.typing import Bool, Float, Float64, Tensor


def expected_residue_masses(
    logits: Float[Tensor, "*step batch length vocab"],
    residue_mask: Bool[Tensor, "batch length"],
    vocabulary: Vocabulary,
) -> Float64[Tensor, "*step batch length"]:
    """Compute the mean residue mass at each position where a residue stands.

    Parameters
    ----------
    logits : Tensor [*step, batch, length, vocab]
        Logits of the sequencer.
    residue_mask : Tensor [batch, length], bool
        True where a residue stands.
    vocabulary : Vocabulary
        Masses of the tokens.

    Returns
    -------
    Tensor [*step, batch, length], float64
        Sum over residues of probability times mass in Da; 0 where no residue stands.

    Notes
    -----
    Special tokens weigh nothing, so probability on them would make the peptide lighter (half of it
    on PAD costs 474,000 ppm). The distribution is therefore normalised over residues alone. The
    sum runs in float64 and outside autocast: bfloat16 has steps of 4 Da near 1000 Da.
    """
    with torch.autocast(device_type=logits.device.type, enabled=False):
        probability = logits[..., FIRST_RESIDUE:].double().softmax(dim=-1)
        masses = probability @ vocabulary.masses[FIRST_RESIDUE:].to(logits.device)
        return torch.where(residue_mask, masses, 0.0)


def expected_mass(
    logits: Float[Tensor, "*step batch length vocab"],
    residue_mask: Bool[Tensor, "batch length"],
    vocabulary: Vocabulary,
) -> Float64[Tensor, "*step batch"]:
    """Compute the mean neutral mass of the peptides that the logits describe, in Da.

    It is the sum of `expected_residue_masses`, which has the same parameters, and of water.
    """
    return expected_residue_masses(logits, residue_mask, vocabulary).sum(dim=-1) + WATER_MASS


def straight_through_mass(
    logits: Float[Tensor, "*step batch length vocab"],
    residue_mask: Bool[Tensor, "batch length"],
    vocabulary: Vocabulary,
) -> Float64[Tensor, "*step batch"]:
    """Compute the neutral mass of the most probable residues in Da, with another gradient.

    The gradient is that of `expected_mass`, since the choice of the largest logit has none. The
    parameters are those of `expected_mass`.

    References
    ----------
    Bengio et al., Estimating or propagating gradients through stochastic neurons,
    doi:10.48550/arXiv.1308.3432.
    """
    best = logits[..., FIRST_RESIDUE:].argmax(dim=-1) + FIRST_RESIDUE
    masses = vocabulary.masses.to(logits.device)[best]
    hard = torch.where(residue_mask, masses, 0.0).sum(dim=-1) + WATER_MASS
    soft = expected_mass(logits, residue_mask, vocabulary)
    return hard + (soft - soft.detach())
