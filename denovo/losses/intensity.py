"""Spectral angle between predicted intensities and those found where the expected ions fall."""

from collections.abc import Sequence

import torch

from denovo.chemistry import IonType, Vocabulary
from denovo.losses.expected_mass import expected_residue_masses
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float32, Tensor

_NEIGHBOURS = 2


class IntensityMatchingLoss(LossTerm):
    """Spectral angle, 0 to 1, of predicted and observed intensities over the predicted ions.

    The observed intensity of an ion is that of the peaks next to its expected m/z, each times its
    match ``1 / (1 + (d / width)^2)``. Intensities count by their square root.
    """

    def __init__(
        self, vocabulary: Vocabulary, ion_types: Sequence[str], width_da: float = 0.05
    ) -> None:
        super().__init__(vocabulary)
        self.ion_types = tuple(IonType.parse(name) for name in ion_types)
        self.width_da = width_da

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float32[Tensor, " batch"]:
        assert batch.fragments is not None
        residues = expected_residue_masses(logits[-1], batch.residue_mask, self.vocabulary)
        prefix = residues.cumsum(dim=-1)[:, :-1]
        mass = batch.spectra.precursor_mass[:, None]
        mz = torch.cat([ion.mz(prefix, mass) for ion in self.ion_types], dim=1)
        predicted = batch.fragments.flatten(1)
        peaks = torch.where(batch.spectra.peak_mask, batch.spectra.mz.double(), 1e6)
        height = batch.spectra.intensity.clamp(min=0).sqrt() * batch.spectra.peak_mask
        above = torch.searchsorted(peaks.contiguous(), mz.detach().contiguous())
        index = above[:, :, None] + torch.arange(-_NEIGHBOURS, _NEIGHBOURS)
        index = index.clamp(0, peaks.shape[1] - 1).flatten(1)
        near = peaks.gather(1, index).unflatten(1, (-1, 2 * _NEIGHBOURS))
        heights = height.gather(1, index).unflatten(1, (-1, 2 * _NEIGHBOURS))
        distance = (near - mz[:, :, None]).float() / self.width_da
        seen = (heights / (1 + distance**2)).amax(dim=-1)
        expected = predicted.sqrt()
        dot = (seen * expected).sum(dim=1)
        norm = ((seen**2).sum(dim=1) * (expected**2).sum(dim=1)).clamp(min=1e-12).sqrt()
        return torch.acos((dot / norm).clamp(0, 1 - 1e-6)) * (2 / torch.pi)
