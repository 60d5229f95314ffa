"""How well the mass of what was read agrees with the precursor."""

import torch

from denovo.chemistry import ISOTOPE_SPACING, WATER_MASS
from denovo.typing import Float, Float64, Tensor

WIDTH_PPM = 5.0
"""Width of the bell of precursor errors."""
ISOTOPES = ((0.0, 1.0), (ISOTOPE_SPACING, 0.03))
"""By how much the precursor may be heavier, one carbon-13 in Da, and the odds of that."""
LOWEST = -200.0
"""Natural logarithm of what is as good as impossible."""
_TAIL = 0.02
"""Height of what is left of the bell up to `_TAIL_PPM`."""
_TAIL_PPM = 25.0


def log_agreement(
    read: Float64[Tensor, "*site"], total: Float64[Tensor, "*#site"]
) -> Float[Tensor, "*site"]:
    """Compute how well masses agree with the precursor, as a natural logarithm.

    Parameters
    ----------
    read : Tensor, float64
        Mass of all residues in Da.
    total : Tensor, float64
        Neutral mass of the precursor in Da, water included.
    """
    weight = torch.zeros_like(read)
    for gap, share in ISOTOPES:
        ppm = (total - WATER_MASS - gap - read).abs() / total * 1e6
        bell = (-(ppm / WIDTH_PPM).square() / 2).exp()
        weight = weight + share * (bell + _TAIL * (ppm <= _TAIL_PPM))
    return weight.log().clamp(min=LOWEST).float()
