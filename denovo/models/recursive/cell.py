"""One refinement step, with the same weights at every step."""

import torch
from torch import nn

from denovo.models.transformer.layers import Attention, EncoderLayer, KeyValues
from denovo.typing import Bool, Float, Tensor


class RefinementCell(nn.Module):
    """Update each position from its neighbours, the rest of the peptide and the peaks.

    ``state <- state + gate * (proposal - state)``, with the gate between 0 and 1 for each number.
    ``gate_bias`` sets the initial gate: -1 applies 27 % of the proposal.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_feedforward: int,
        use_peaks: bool,
        gate_bias: float | int = -1.0,
    ) -> None:
        super().__init__()
        self.neighbours = nn.Conv1d(2 * d_model, d_model, kernel_size=3, padding=1)
        self.norm_neighbours = nn.LayerNorm(d_model)
        self.peptide = EncoderLayer(d_model, n_heads, d_feedforward)
        self.norm_peaks = nn.LayerNorm(d_model) if use_peaks else None
        self.peaks = Attention(d_model, n_heads) if use_peaks else None
        self.norm_proposal = nn.LayerNorm(d_model)
        self.gate = nn.Linear(2 * d_model, d_model)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, gate_bias)

    def forward(
        self,
        state: Float[Tensor, "batch length d_model"],
        reading: Float[Tensor, "batch length d_model"],
        is_position: Bool[Tensor, "batch length"],
        peaks: KeyValues | None,
        peak_mask: Bool[Tensor, "batch 1 1 peak"] | None,
    ) -> Float[Tensor, "batch length d_model"]:
        """Update the state of every position from the input of the step.

        ``is_position`` is False beyond the longest peptide that the precursor mass allows.
        ``peaks`` and ``peak_mask`` are the projections of the encoded peaks and the mask of the
        real ones.
        """
        both = torch.cat([reading, state], dim=-1) * is_position[..., None]
        proposal = self.norm_neighbours(self.neighbours(both.transpose(1, 2)).transpose(1, 2))
        proposal = self.peptide(proposal, is_position[:, None, None])
        if self.peaks is not None and self.norm_peaks is not None:
            assert peaks is not None, "a cell that attends to peaks needs them"
            proposal = proposal + self.peaks(self.norm_peaks(proposal), peaks, peak_mask)
        proposal = self.norm_proposal(proposal)
        gate = torch.sigmoid(self.gate(torch.cat([state, proposal], dim=-1)))
        return state + gate * (proposal - state)
