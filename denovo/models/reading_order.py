"""Reading directions, and the order of positions in each direction."""

import torch

from denovo.errors import InputError
from denovo.spectra.sequencer_protocol import Direction
from denovo.typing import Int, Tensor


def check_direction(direction: str) -> Direction:
    """Return the direction, or raise `InputError` if it is neither ``forward`` nor ``backward``."""
    if direction == "forward" or direction == "backward":
        return direction
    raise InputError(f"direction must be forward or backward, got {direction!r}")


def reading_positions(
    n_residues: Int[Tensor, " batch"], length: int, direction: Direction
) -> Int[Tensor, "batch length"]:
    """Return the position in the peptide that is read at each step, as int64 [batch, length].

    ``forward`` gives the identity. ``backward`` mirrors the residues and keeps EOS and padding in
    place. The map is its own inverse: gathering twice with it restores the order.
    """
    steps = torch.arange(length, device=n_residues.device).expand(len(n_residues), length)
    if direction == "forward":
        return steps
    last = n_residues[:, None] - 1
    return torch.where(steps <= last, last - steps, steps)
