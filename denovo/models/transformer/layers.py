"""Transformer layers whose decoder keeps what it has computed for the prefix."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from denovo.errors import InputError
from denovo.typing import Bool, Float, Int, Tensor


@dataclass(frozen=True)
class KeyValues:
    """Keys and values of one attention layer.

    Parameters
    ----------
    keys, values : Tensor [batch, head, length, d_head]
        What queries attend to.
    """

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
    """Multi-head attention with keys and values kept apart from the queries.

    Parameters
    ----------
    d_model : int
        Width of queries, memory and output.
    n_heads : int
        Number of heads; divides ``d_model``.
    """

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
        """Project what is attended to."""
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
    """Pre-norm self-attention and feed-forward block over the peaks.

    Parameters
    ----------
    d_model, n_heads, d_feedforward : int
        Width, heads and inner width.
    """

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
        """Let the peaks see each other; ``mask`` is True for real peaks."""
        normed = self.norm_attention(x)
        x = x + self.attention(normed, self.attention.key_values(normed), mask)
        return x + self.feedforward(self.norm_feedforward(x))


class DecoderLayer(nn.Module):
    """Pre-norm causal self-attention, attention to the spectrum, feed-forward.

    Parameters
    ----------
    d_model, n_heads, d_feedforward : int
        Width, heads and inner width.
    """

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
        """Read further residues.

        Parameters
        ----------
        x : Tensor [batch, length, d_model]
            A whole prefix if ``past`` is None, one residue otherwise.
        spectrum : KeyValues
            Projections of the encoded peaks.
        peak_mask : Tensor [batch, 1, 1, peak], bool
            True for real peaks.
        past : KeyValues or None
            What this layer computed for the residues before ``x``.

        Returns
        -------
        x : Tensor [batch, length, d_model]
            Output of the layer.
        past : KeyValues
            Keys and values of all residues up to now.
        """
        normed = self.norm_self(x)
        new = self.self_attention.key_values(normed)
        now = new if past is None else past.append(new)
        x = x + self.self_attention(normed, now, is_causal=past is None)
        x = x + self.cross_attention(self.norm_cross(x), spectrum, peak_mask)
        return x + self.feedforward(self.norm_feedforward(x)), now
