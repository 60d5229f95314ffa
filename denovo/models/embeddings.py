"""Inputs that the sequencers share: embedded masses and m/z values, and precursor features."""

import math

import torch
from torch import nn

from denovo.errors import InputError
from denovo.spectra.batch import Spectra
from denovo.typing import Float, Float64, Tensor

MAX_CHARGE = 8
"""Highest precursor charge that networks distinguish."""

N_PRECURSOR_FEATURES = MAX_CHARGE + 3


class SinusoidalEmbedding(nn.Module):
    """Sines and cosines of a mass at geometrically spaced wavelengths in Da.

    The shortest wavelength sets the resolution: two values 1 mDa apart need one of a few mDa.
    Phases are computed in float64, because float32 loses them at 2000 Da and a wavelength of 1 mDa.

    Notes
    -----
    After the positional encoding of Vaswani et al. (2017), arXiv:1706.03762, with wavelengths
    chosen for masses as in Voronov et al. (2022), arXiv:2203.07206.
    """

    def __init__(
        self, dim: int, min_wavelength: float = 0.001, max_wavelength: float = 10_000.0
    ) -> None:
        super().__init__()
        if dim < 2 or dim % 2:
            raise InputError(
                f"the width of a sinusoidal embedding must be even and at least 2, got {dim}"
            )
        exponents = torch.linspace(0, 1, dim // 2, dtype=torch.float64)
        wavelengths = min_wavelength * (max_wavelength / min_wavelength) ** exponents
        self.frequencies = nn.Buffer(2 * math.pi / wavelengths, persistent=False)
        self.dim = dim

    def forward(self, mass: Float64[Tensor, "*shape"]) -> Float[Tensor, "*shape dim"]:
        """Return the sines, then the cosines, of masses in Da or m/z values in Th."""
        phase = mass[..., None] * self.frequencies
        return torch.cat([phase.sin(), phase.cos()], dim=-1).float()


def precursor_features(spectra: Spectra) -> Float[Tensor, "batch feature"]:
    """Return the one-hot charge, the neutral mass in kDa, and the number of peaks / 100."""
    charge = spectra.precursor_charge.clamp(max=MAX_CHARGE)
    parts = [
        nn.functional.one_hot(charge, MAX_CHARGE + 1).float(),
        (spectra.precursor_mass / 1000).float()[:, None],
        (spectra.peak_mask.sum(dim=1, keepdim=True) / 100).float(),
    ]
    return torch.cat(parts, dim=-1)
