"""How close a peak is: a bell curve as wide as a tolerance."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import Tolerance
from denovo.typing import Float, Float32, Tensor

MISS = -40.0
"""Exponent below which a closeness is as good as 0: 4e-18."""


def closeness(
    distance: Float[Tensor, "*#shape"], width: Float[Tensor, "*#shape"] | float
) -> Float[Tensor, "*#shape"]:
    """Return ``exp(-(distance / width)^2 / 2)``: 1 for a hit, 0 for a miss."""
    # Exponentials that underflow take a CPU sixty times longer than others.
    return (distance / width).square_().mul_(-0.5).clamp_(min=MISS).exp_()


class Widths(nn.Module):
    """Closeness by several tolerances, each the half width at which a peak is 1 sigma away."""

    share: Tensor
    fixed: Tensor

    def __init__(self, tolerances: Sequence[Tolerance]) -> None:
        super().__init__()
        self.tolerances = list(tolerances)
        fixed = [tolerance.half_width(0.0) for tolerance in tolerances]
        share = [t.half_width(1.0) - f for t, f in zip(tolerances, fixed, strict=True)]
        for name, values in {"fixed": fixed, "share": share}.items():
            self.register_buffer(name, torch.tensor(values)[:, None], persistent=False)

    def forward(
        self, distance: Float32[Tensor, " hit"], mz: Float32[Tensor, " hit"]
    ) -> Float32[Tensor, "tolerance hit"]:
        """Compute the closeness of peaks at a distance from queries, both in Th; ``mz`` >= 0."""
        return closeness(distance, torch.addcmul(self.fixed, self.share, mz))
