"""Peaks of a batch on their way from the clean spectrum to the noisy one."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from denovo.typing import Bool, Float32, Tensor

ABSENT = -1.0
"""Intensity that stands where there is no peak; factors on intensities leave it negative."""


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
        """Where there is a peak."""
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
        """Keep so many peaks of each spectrum, the most intense ones."""
        if n_peaks >= self.mz.shape[1]:
            return self
        intensity, place = self.intensity.topk(n_peaks, dim=1)
        return Peaks(self.mz.gather(1, place), intensity)


def join(parts: Sequence[Peaks]) -> Peaks:
    """Put the peaks of several sources into one list for each spectrum."""
    return Peaks(
        torch.cat([part.mz for part in parts], dim=1),
        torch.cat([part.intensity for part in parts], dim=1),
    )
