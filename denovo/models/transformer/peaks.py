"""Encode the peaks of a spectrum, with a token for its precursor in front."""

import torch
from torch import nn

from denovo.models.sinusoids import SinusoidalEmbedding
from denovo.models.transformer.layers import EncoderLayer
from denovo.spectra.batch import Spectra
from denovo.typing import Bool, Float, Tensor

MAX_CHARGE = 8


class PeakEncoder(nn.Module):
    """Self-attention over the precursor and the peaks."""

    def __init__(self, d_model: int, n_heads: int, n_layers: int, d_feedforward: int) -> None:
        super().__init__()
        self.mz_embedding = SinusoidalEmbedding(d_model)
        self.height_embedding = nn.Linear(1, d_model)
        self.precursor_embedding = nn.Linear(d_model, d_model)
        self.charge_embedding = nn.Embedding(MAX_CHARGE + 1, d_model)
        self.layers = nn.ModuleList(
            EncoderLayer(d_model, n_heads, d_feedforward) for _ in range(n_layers)
        )
        self.norm = nn.LayerNorm(d_model)

    def forward(
        self, spectra: Spectra
    ) -> tuple[
        Float[Tensor, "batch peak_and_precursor d_model"],
        Bool[Tensor, "batch 1 1 peak_and_precursor"],
    ]:
        """Encode the precursor and the peaks; the mask is True for the precursor and real peaks."""
        height = spectra.intensity.sqrt()[..., None]
        peaks = self.mz_embedding(spectra.mz.double()) + self.height_embedding(height)
        charge = self.charge_embedding(spectra.precursor_charge.clamp(max=MAX_CHARGE))
        precursor = charge + self.precursor_embedding(self.mz_embedding(spectra.precursor_mass))
        x = torch.cat([precursor[:, None], peaks], dim=1)
        mask = torch.cat([torch.ones_like(spectra.peak_mask[:, :1]), spectra.peak_mask], dim=1)
        mask = mask[:, None, None]
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x), mask
