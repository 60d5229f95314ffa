"""Masses of the peptide that a refinement step predicts, summed from both ends."""

from dataclasses import dataclass

import torch

from denovo.chemistry import EOS
from denovo.typing import Float, Float64, Tensor

_TINY = 1e-12
"""Smallest divisor, for positions where no residue has any probability."""


@dataclass(frozen=True)
class Draft:
    """Masses of the residues before and behind each position, in Da.

    The spreads are the standard deviations of these masses in Da, for independent positions.
    """

    prefix: Float64[Tensor, "batch length"]
    suffix: Float64[Tensor, "batch length"]
    prefix_spread: Float[Tensor, "batch length"]
    suffix_spread: Float[Tensor, "batch length"]


def draft_of(
    logits: Float[Tensor, "batch length vocab"],
    masses: Float64[Tensor, " vocab"],
    sharpness: float | None,
) -> Draft:
    """Compute the masses of the peptides that the logits of a refinement step describe.

    ``sharpness``, positive, is a factor on the logits before the mean mass of each position is
    taken. With None each position has the mass of its most probable token: no peak lies at the mean
    of two residues, and rounding of the logits moves a sum of means by more than the width of a
    peak. Each position counts with the probability that the peptide has not ended before it. The
    spreads are those of the distribution, sharpened if it is.
    """
    mean, square = _moments(logits.double() * (sharpness or 1.0), masses)
    variance = (square - mean.square()).clamp(min=0)
    mass = mean if sharpness is not None else _certain_mass(logits, masses)
    return Draft(
        _before(mass), _behind(mass), _before(variance).sqrt().float(),
        _behind(variance).sqrt().float(),
    )  # fmt: skip


def _moments(
    logits: Float64[Tensor, "batch length vocab"], masses: Float64[Tensor, " vocab"]
) -> tuple[Float64[Tensor, "batch length"], Float64[Tensor, "batch length"]]:
    """Return the mean mass at each position and the mean of its square, in Da and Da^2."""
    probability = logits.softmax(dim=-1)
    # The mass is present with probability `alive`: E[x] = alive m, E[x^2] = alive E[m^2].
    alive = torch.cumprod(1 - probability[..., EOS], dim=1)
    residue = torch.where(masses == 0, 0.0, probability)
    residue = residue / residue.sum(dim=-1, keepdim=True).clamp(min=_TINY)
    return alive * (residue @ masses), alive * (residue @ masses.square())


def _certain_mass(
    logits: Float[Tensor, "batch length vocab"], masses: Float64[Tensor, " vocab"]
) -> Float64[Tensor, "batch length"]:
    token = logits.argmax(dim=-1)
    has_ended = (token == EOS).cumsum(dim=1) > 0
    return masses[token].masked_fill(has_ended, 0.0)


def _before(value: Float64[Tensor, "batch length"]) -> Float64[Tensor, "batch length"]:
    return torch.nn.functional.pad(value.cumsum(dim=1)[:, :-1], (1, 0))


def _behind(value: Float64[Tensor, "batch length"]) -> Float64[Tensor, "batch length"]:
    return _before(value.flip(1)).flip(1)
