"""Directions of reading, and the order of positions that each one gives."""

import torch

from denovo.errors import InputError
from denovo.spectra.protocol import Direction
from denovo.typing import Int, Tensor


def check_direction(direction: str) -> Direction:
    """Return a direction if it is one.

    Raises
    ------
    InputError
        If it is neither ``forward`` nor ``backward``.
    """
    if direction == "forward" or direction == "backward":
        return direction
    raise InputError(f"direction must be forward or backward, got {direction!r}")


def reading_positions(
    n_residues: Int[Tensor, " batch"], length: int, direction: Direction
) -> Int[Tensor, "batch length"]:
    """Say which position of the peptide is read at each step.

    The map is its own inverse: gathering twice with it restores the order.

    Parameters
    ----------
    n_residues : Tensor [batch], int64
        Residues of each peptide.
    length : int
        Width of the token tensor, EOS and padding included.
    direction : "forward" or "backward"
        ``forward`` gives the identity; ``backward`` mirrors the residues and leaves EOS and padding
        where they are.

    Returns
    -------
    Tensor [batch, length], int64
        Position in the peptide for each reading step.
    """
    steps = torch.arange(length, device=n_residues.device).expand(len(n_residues), length)
    if direction == "forward":
        return steps
    last = n_residues[:, None] - 1
    return torch.where(steps <= last, last - steps, steps)
