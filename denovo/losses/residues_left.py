"""Auxiliary task: the residues that are left, from the hidden state, with the mass they must have."""

from typing import Any

import torch
from torch import nn

from denovo.chemistry import FIRST_RESIDUE, WATER_MASS, Vocabulary
from denovo.losses.term import LossTerm
from denovo.models.reading_order import reading_positions
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Float64, Tensor


class ResiduesLeft(LossTerm):
    """Poisson loss of the number of each residue still to be read, and the error of their mass."""

    is_costly = True

    def __init__(self, vocabulary: Vocabulary, d_hidden: int, mass_weight: float = 0.1) -> None:
        super().__init__(vocabulary)
        self.head = nn.Linear(d_hidden, len(vocabulary) - FIRST_RESIDUE)
        self.mass_weight = mass_weight
        self.hidden: list[Tensor] = []

    def bind(self, sequencer: Any) -> None:
        """Listen to the hidden states of a network."""
        part = sequencer.gru if hasattr(sequencer, "gru") else sequencer.decoder_norm
        part.register_forward_hook(self._keep)
        self.direction = sequencer.direction

    def _keep(self, part: nn.Module, inputs: Any, output: Any) -> None:
        self.hidden = [output[0] if isinstance(output, tuple) else output]

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float64[Tensor, " batch"]:
        rate = nn.functional.softplus(self.head(self.hidden[0]))
        order = reading_positions(batch.n_residues, batch.tokens.shape[1], self.direction)
        tokens = batch.tokens.gather(1, order)
        is_residue = tokens >= FIRST_RESIDUE
        one = nn.functional.one_hot((tokens - FIRST_RESIDUE).clamp(min=0), rate.shape[-1])
        one = one * is_residue[..., None]
        left = one.sum(dim=1, keepdim=True) - one.cumsum(dim=1) + one  # before a token is read
        poisson = (rate - left * torch.log(rate + 1e-6)).mean(dim=-1)
        masses = self.vocabulary.masses[FIRST_RESIDUE:]
        read = (one.double() @ masses).cumsum(dim=1) - one.double() @ masses
        remaining = batch.spectra.precursor_mass[:, None] - WATER_MASS - read
        error = (rate.double() @ masses - remaining).abs()
        value = poisson + self.mass_weight * torch.log1p(error)
        mask = is_residue
        return torch.where(mask, value, 0.0).sum(dim=1) / mask.sum(dim=1)
