"""Distort clean spectra the way instruments do, a whole batch at a time."""

import torch

from denovo.chemistry import PROTON_MASS
from denovo.curriculum.stage import Noise
from denovo.data.preprocess import arrange_peaks
from denovo.spectra import Spectra
from denovo.typing import Bool, Float, Float32, Float64, Tensor

LOWEST_MZ = 50.0
"""Below this, in Th, instruments do not scan."""

_HEIGHT_SPREAD = 0.55
"""Mean log10 height of a noise peak above the weakest real one, exponentially distributed, as
measured on Orbitrap HCD spectra."""


def distort(spectra: Spectra, noise: Noise, generator: torch.Generator) -> Spectra:
    """Apply every distortion at the strength that ``noise`` gives it.

    Parameters
    ----------
    spectra : Spectra
        Clean spectra.
    noise : Noise
        Strengths; one that is 0 changes nothing, and with all at 0 the result is the input.
    generator : torch.Generator
        Source of randomness, on the device of the spectra. Equal seeds give equal noise.

    Returns
    -------
    Spectra
        Distorted spectra, sorted by m/z, scaled to the base peak.
    """
    if noise.fraction == 0 or noise == Noise(fraction=noise.fraction):
        return spectra
    draw = _Draw(generator, len(spectra), spectra.mz.shape[1])
    chosen = draw.uniform_rows() < noise.fraction  # [batch, 1]
    keep = spectra.peak_mask & ~(chosen & _dropped(spectra, noise.peak_dropout, draw))
    factor = torch.exp(noise.intensity_sigma * draw.normal_peaks())
    intensity = torch.where(chosen, spectra.intensity * factor, spectra.intensity)
    mz = torch.where(chosen, _shifted(spectra.mz, noise, draw), spectra.mz)
    precursor_mass = _shifted_precursor(spectra.precursor_mass, chosen, noise.precursor_ppm, draw)
    weakest = intensity.masked_fill(~keep, torch.inf).amin(dim=1, keepdim=True)
    extra = _noise_peaks(precursor_mass, weakest, noise.noise_peaks, draw)
    mz = torch.cat([mz, extra[0]], dim=1)
    intensity = torch.cat([intensity, extra[1]], dim=1)
    mask = torch.cat([keep, extra[2] & chosen], dim=1)
    peaks = arrange_peaks(mz, intensity, mask, n_peaks=mz.shape[1])
    return Spectra(*peaks, precursor_mass, spectra.precursor_charge)


class _Draw:
    """Random tensors of the shapes that the distortions need."""

    def __init__(self, generator: torch.Generator, batch: int, peak: int) -> None:
        self._generator = generator
        self._rows, self._peaks = (batch, 1), (batch, peak)

    def uniform_rows(self) -> Float[Tensor, "batch 1"]:
        return self.uniform(self._rows)

    def normal_rows(self) -> Float[Tensor, "batch 1"]:
        return self._normal(self._rows)

    def normal_peaks(self) -> Float[Tensor, "batch peak"]:
        return self._normal(self._peaks)

    def uniform_columns(self, n_columns: int) -> Float[Tensor, "batch column"]:
        return self.uniform((self._rows[0], n_columns))

    def uniform(self, shape: tuple[int, int]) -> Tensor:
        device = self._generator.device
        return torch.rand(shape, generator=self._generator, device=device)

    def _normal(self, shape: tuple[int, int]) -> Tensor:
        device = self._generator.device
        return torch.randn(shape, generator=self._generator, device=device)


def _dropped(spectra: Spectra, strength: float, draw: _Draw) -> Bool[Tensor, "batch peak"]:
    share = strength * draw.uniform_rows()
    # Weak peaks go first, but not strictly so: one unit of log intensity is one standard deviation.
    height = spectra.intensity.clamp(min=1e-9).log() + draw.normal_peaks()
    height = height.masked_fill(~spectra.peak_mask, torch.inf)
    rank = height.argsort(dim=1).argsort(dim=1)
    return rank < (share * spectra.peak_mask.sum(dim=1, keepdim=True)).floor()


def _shifted(
    mz: Float32[Tensor, "batch peak"], noise: Noise, draw: _Draw
) -> Float32[Tensor, "batch peak"]:
    offset = noise.mz_offset_ppm * (2 * draw.uniform_rows() - 1)
    ppm = offset + noise.mz_scatter_ppm * draw.normal_peaks()
    return (mz.double() * (1 + 1e-6 * ppm.double())).float()


def _shifted_precursor(
    mass: Float64[Tensor, " batch"], chosen: Bool[Tensor, "batch 1"], sigma_ppm: float, draw: _Draw
) -> Float64[Tensor, " batch"]:
    ppm = sigma_ppm * draw.normal_rows().double()
    return torch.where(chosen, mass[:, None] * (1 + 1e-6 * ppm), mass[:, None]).squeeze(1)


def _noise_peaks(
    precursor_mass: Float64[Tensor, " batch"],
    weakest: Float32[Tensor, "batch 1"],
    strength: float,
    draw: _Draw,
) -> tuple[Tensor, Tensor, Tensor]:
    n_columns = int(strength)
    count = torch.floor((n_columns + 1) * draw.uniform_rows())
    columns = torch.arange(n_columns, device=weakest.device)[None]
    top = (precursor_mass[:, None] + PROTON_MASS).float()
    mz = LOWEST_MZ + draw.uniform_columns(n_columns) * (top - LOWEST_MZ)
    exponential = -torch.log1p(-draw.uniform_columns(n_columns))
    height = weakest.clamp(max=1.0) * 10 ** (_HEIGHT_SPREAD * exponential)
    return mz, height.clamp(max=1.0), columns < count
