"""Transformer layers over peaks and residues, with a cache for decoding."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from denovo.errors import InputError
from denovo.models.embeddings import MAX_CHARGE, SinusoidalEmbedding
from denovo.spectra.batch import Spectra
from denovo.typing import Bool, Float, Int, Tensor


@dataclass(frozen=True)
class KeyValues:
    """Keys and values of one attention layer."""

    keys: Float[Tensor, "batch head length d_head"]
    values: Float[Tensor, "batch head length d_head"]

    def select(self, index: Int[Tensor, " chosen"]) -> "KeyValues":
        """Take rows by number."""
        return KeyValues(self.keys[index], self.values[index])

    def append(self, other: "KeyValues") -> "KeyValues":
        """Join along the length."""
        return KeyValues(
            torch.cat([self.keys, other.keys], dim=2), torch.cat([self.values, other.values], dim=2)
        )


class Attention(nn.Module):
    """Multi-head attention whose keys and values are computed separately from the queries."""

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        if d_model % n_heads:
            raise InputError(f"n_heads must divide d_model={d_model}, got {n_heads}")
        self.n_heads = n_heads
        self.query = nn.Linear(d_model, d_model)
        self.key_value = nn.Linear(d_model, 2 * d_model)
        self.output = nn.Linear(d_model, d_model)

    def _heads(self, x: Float[Tensor, "batch length d_model"]) -> Tensor:
        return x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)

    def key_values(self, memory: Float[Tensor, "batch length d_model"]) -> KeyValues:
        """Project the memory to keys and values."""
        keys, values = self.key_value(memory).chunk(2, dim=-1)
        return KeyValues(self._heads(keys), self._heads(values))

    def forward(
        self,
        x: Float[Tensor, "batch query d_model"],
        memory: KeyValues,
        mask: Bool[Tensor, "..."] | None = None,
        is_causal: bool = False,
    ) -> Float[Tensor, "batch query d_model"]:
        """Attend to ``memory``; ``mask`` is True where attention is allowed."""
        attended = scaled_dot_product_attention(
            self._heads(self.query(x)),
            memory.keys,
            memory.values,
            attn_mask=mask,
            is_causal=is_causal,
        )
        return self.output(attended.transpose(1, 2).flatten(2))


class EncoderLayer(nn.Module):
    """Pre-norm self-attention and feed-forward block over the peaks."""

    def __init__(self, d_model: int, n_heads: int, d_feedforward: int) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(d_model)
        self.attention = Attention(d_model, n_heads)
        self.norm_feedforward = nn.LayerNorm(d_model)
        self.feedforward = nn.Sequential(
            nn.Linear(d_model, d_feedforward), nn.ReLU(), nn.Linear(d_feedforward, d_model)
        )

    def forward(
        self, x: Float[Tensor, "batch peak d_model"], mask: Bool[Tensor, "batch 1 1 peak"]
    ) -> Float[Tensor, "batch peak d_model"]:
        """Apply attention between the peaks; ``mask`` is True for real peaks."""
        normed = self.norm_attention(x)
        x = x + self.attention(normed, self.attention.key_values(normed), mask)
        return x + self.feedforward(self.norm_feedforward(x))


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


class DecoderLayer(nn.Module):
    """Pre-norm causal self-attention, attention to the spectrum, feed-forward."""

    def __init__(self, d_model: int, n_heads: int, d_feedforward: int) -> None:
        super().__init__()
        self.norm_self = nn.LayerNorm(d_model)
        self.self_attention = Attention(d_model, n_heads)
        self.norm_cross = nn.LayerNorm(d_model)
        self.cross_attention = Attention(d_model, n_heads)
        self.norm_feedforward = nn.LayerNorm(d_model)
        self.feedforward = nn.Sequential(
            nn.Linear(d_model, d_feedforward), nn.ReLU(), nn.Linear(d_feedforward, d_model)
        )

    def spectrum(self, encoded: Float[Tensor, "batch peak d_model"]) -> KeyValues:
        """Project the encoded peaks, once for all residues."""
        return self.cross_attention.key_values(encoded)

    def forward(
        self,
        x: Float[Tensor, "batch length d_model"],
        spectrum: KeyValues,
        peak_mask: Bool[Tensor, "batch 1 1 peak"],
        past: KeyValues | None = None,
    ) -> tuple[Float[Tensor, "batch length d_model"], KeyValues]:
        """Read further residues, and return the output with the keys and values of all residues.

        ``x`` is a whole prefix if ``past`` is None, one residue otherwise. ``past`` holds the keys
        and values of the residues before ``x``.
        """
        normed = self.norm_self(x)
        new = self.self_attention.key_values(normed)
        now = new if past is None else past.append(new)
        x = x + self.self_attention(normed, now, is_causal=past is None)
        x = x + self.cross_attention(self.norm_cross(x), spectrum, peak_mask)
        return x + self.feedforward(self.norm_feedforward(x)), now
