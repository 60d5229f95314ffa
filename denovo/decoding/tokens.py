"""What a search asks of tokens, on the device where it asks."""

from dataclasses import dataclass
from functools import lru_cache

import torch

from denovo.chemistry import Vocabulary
from denovo.typing import Bool, Float64, Tensor


@dataclass(frozen=True)
class Tokens:
    """The tables of a vocabulary on a device: copied there once, not at every step.

    Parameters
    ----------
    masses : Tensor [vocab], float64
        In Da.
    is_residue, is_n_terminal : Tensor [vocab], bool
        See `Vocabulary`.
    moments : Tensor [vocab, 2], float64
        Whether each is a residue, and its mass if so: probabilities times these are the share of
        residues, and the sum of their masses.
    """

    masses: Float64[Tensor, " vocab"]
    is_residue: Bool[Tensor, " vocab"]
    is_n_terminal: Bool[Tensor, " vocab"]
    moments: Float64[Tensor, "vocab moment"]


@lru_cache(maxsize=8)
def tokens_on(vocabulary: Vocabulary, device: torch.device) -> Tokens:
    """Return the tables of a vocabulary on a device."""
    is_residue = vocabulary.is_residue.double()
    moments = torch.stack([is_residue, is_residue * vocabulary.masses], dim=1)
    return Tokens(
        vocabulary.masses.to(device),
        vocabulary.is_residue.to(device),
        vocabulary.is_n_terminal.to(device),
        moments.to(device),
    )
