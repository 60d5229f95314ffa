"""Peaks of a batch between the clean and the noisy spectrum, and random numbers for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from denovo.typing import Bool, Float32, Float64, Tensor

ABSENT = -1.0
"""Intensity where there is no peak; positive factors leave it negative."""


@dataclass(frozen=True)
class Peaks:
    """Peaks in any order.

    Parameters
    ----------
    mz : Tensor [batch, peak], float32
        m/z in Th.
    intensity : Tensor [batch, peak], float32
        Linear, on the scale of the clean spectrum; negative where there is no peak.
    """

    mz: Float32[Tensor, "batch peak"]
    intensity: Float32[Tensor, "batch peak"]

    @property
    def is_present(self) -> Bool[Tensor, "batch peak"]:
        """True where there is a peak."""
        return self.intensity >= 0

    @property
    def base(self) -> Float32[Tensor, "batch 1"]:
        """Intensity of the base peak; 1 where a spectrum has none."""
        highest = self.intensity.amax(dim=1, keepdim=True)
        return torch.where(highest > 0, highest, 1.0)

    def where(self, condition: Bool[Tensor, "#batch #peak"]) -> "Peaks":
        """Keep the peaks that meet a condition."""
        return Peaks(self.mz, torch.where(condition, self.intensity, ABSENT))

    def strongest(self, n_peaks: int) -> "Peaks":
        """Keep the most intense peaks of each spectrum."""
        if n_peaks >= self.mz.shape[1]:
            return self
        intensity, place = self.intensity.topk(n_peaks, dim=1)
        return Peaks(self.mz.gather(1, place), intensity)


def join(parts: Sequence[Peaks]) -> Peaks:
    """Concatenate the peaks of several sources for each spectrum."""
    return Peaks(
        torch.cat([part.mz for part in parts], dim=1),
        torch.cat([part.intensity for part in parts], dim=1),
    )


class Draw:
    """Random numbers for the spectra of one batch, on the device of the generator."""

    def __init__(self, generator: torch.Generator, n_rows: int) -> None:
        self._generator, self._n_rows = generator, n_rows

    def uniform(self, n_columns: int = 1) -> Float32[Tensor, "batch column"]:
        """Draw from [0, 1)."""
        shape = self._n_rows, n_columns
        return torch.rand(shape, generator=self._generator, device=self._generator.device)

    def normal(self, n_columns: int = 1) -> Float32[Tensor, "batch column"]:
        """Draw from the standard normal distribution."""
        shape = self._n_rows, n_columns
        return torch.randn(shape, generator=self._generator, device=self._generator.device)

    def lognormal(self, mean: float, sigma: float, n_columns: int) -> Float32[Tensor, "batch _"]:
        """Draw exponentials of normal variates with a mean and standard deviation."""
        return self.normal(n_columns).mul_(sigma).add_(mean).exp_()

    def integers(self, n_columns: int, high: int | Tensor) -> Tensor:
        """Draw integers from [0, high); ``high`` may differ between columns."""
        return (self.uniform(n_columns) * high).long()

    def choice(self, odds: Float64[Tensor, " choice"], n_columns: int) -> Tensor:
        """Draw numbers of choices with probabilities proportional to odds."""
        upper = odds.cumsum(dim=0)
        return torch.bucketize(self.uniform(n_columns).double() * upper[-1], upper[:-1])

    def chance(self, probability: float | Tensor, n_columns: int = 1) -> Bool[Tensor, "batch _"]:
        """Draw True with a probability, which may differ between spectra and columns."""
        return self.uniform(n_columns) < probability
