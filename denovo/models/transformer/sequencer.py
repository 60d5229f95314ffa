"""The baseline: a transformer over the peaks, without fragment evidence."""

from dataclasses import dataclass, replace

import torch
from torch import nn

from denovo.chemistry import EOS, WATER_MASS, Vocabulary
from denovo.models.reading_order import check_direction, reading_positions
from denovo.models.token_axes import TokenAxis
from denovo.models.transformer.layers import DecoderLayer, KeyValues, PeakEncoder
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.spectra.sequencer_protocol import IMPOSSIBLE, Direction
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class TransformerState:
    """Decoder state after the residues read so far.

    Each layer has the projections of the encoded spectrum and, unless nothing is read, the keys and
    values of the residues read (``past``). ``precursor_mass`` and ``read_mass`` are neutral, in Da.
    """

    spectrum: tuple[KeyValues, ...]
    peak_mask: Bool[Tensor, "batch 1 1 peak"]
    past: tuple[KeyValues, ...]
    precursor_mass: Float64[Tensor, " batch"]
    read_mass: Float64[Tensor, " batch"]

    def select(self, index: Int[Tensor, " chosen"]) -> "TransformerState":
        """Take rows by number, in order and with repetition."""
        return TransformerState(
            tuple(layer.select(index) for layer in self.spectrum),
            self.peak_mask[index],
            tuple(layer.select(index) for layer in self.past),
            self.precursor_mass[index],
            self.read_mass[index],
        )


class TransformerSequencer(nn.Module):
    """Encode the peaks, then decode the peptide residue by residue.

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens and masses.
    direction : "forward" or "backward"
        Read from the N-terminus or from the C-terminus.
    d_model, n_heads, n_layers, d_feedforward : int
        Width, heads, layers of encoder and of decoder, inner width.

    Notes
    -----
    The architecture of Casanovo (Yilmaz et al., ICML 2022, arXiv:2202.00707): sinusoidal m/z, a
    precursor token, no fragment evidence.
    """

    n_refinements = 1

    def __init__(
        self,
        vocabulary: Vocabulary,
        direction: str = "forward",
        d_model: int = 128,
        n_heads: int = 8,
        n_layers: int = 3,
        d_feedforward: int = 512,
    ) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.direction: Direction = check_direction(direction)
        self.encoder = PeakEncoder(d_model, n_heads, n_layers, d_feedforward)
        self.residue_embedding = nn.Embedding(len(vocabulary), d_model)
        self.mass_embedding = nn.Linear(2 * d_model, d_model)
        self.decoder = nn.ModuleList(
            DecoderLayer(d_model, n_heads, d_feedforward) for _ in range(n_layers)
        )
        self.decoder_norm = nn.LayerNorm(d_model)
        self.output = nn.Linear(d_model, len(vocabulary))
        choosable = torch.zeros(len(vocabulary), dtype=torch.bool)
        choosable[vocabulary.candidates] = True
        choosable[EOS] = True
        self.choosable = nn.Buffer(choosable, persistent=False)
        self.token_mass = nn.Buffer(vocabulary.masses.clone(), persistent=False)

    def token_axes(self) -> dict[str, TokenAxis]:
        """Return the token axes of the weights; see `Extensible`."""
        names = ("residue_embedding.weight", "output.weight", "output.bias")
        return {name: TokenAxis(0, torch.arange(len(self.vocabulary))) for name in names}

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "1 batch length vocab"]:
        """Compute the logits of every position, each from the residues read before it."""
        order = reading_positions(batch.n_residues, batch.tokens.shape[1], self.direction)
        tokens = batch.tokens.gather(1, order)
        last = torch.cat([torch.ones_like(tokens[:, :1]), tokens[:, :-1]], dim=1)
        state = self.initial_state(batch.spectra)
        read_mass = self.token_mass[last].cumsum(dim=1)
        logits, _ = self._decode(state, last, read_mass)
        return logits.gather(1, order[..., None].expand_as(logits))[None]

    def initial_state(self, spectra: Spectra) -> TransformerState:
        """Encode the spectra; no residue is read yet."""
        x, mask = self.encoder(spectra)
        projections = tuple(layer.spectrum(x) for layer in self._decoder_layers())
        return TransformerState(
            projections, mask, (), spectra.precursor_mass, torch.zeros_like(spectra.precursor_mass)
        )

    def next_residue_logits(
        self, state: TransformerState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], TransformerState]:
        """Read one token and score those that may follow; see `Sequencer`."""
        read_mass = state.read_mass + self.token_mass[last_token]
        logits, past = self._decode(state, last_token[:, None], read_mass[:, None])
        return logits[:, 0], replace(state, past=past, read_mass=read_mass)

    def _decoder_layers(self) -> list[DecoderLayer]:
        return [layer for layer in self.decoder if isinstance(layer, DecoderLayer)]

    def _decode(
        self,
        state: TransformerState,
        last: Int[Tensor, "batch length"],
        read_mass: Float64[Tensor, "batch length"],
    ) -> tuple[Float[Tensor, "batch length vocab"], tuple[KeyValues, ...]]:
        left = state.precursor_mass[:, None] - WATER_MASS - read_mass
        embed = self.encoder.mz_embedding
        masses = torch.cat([embed(read_mass), embed(left)], dim=-1)
        x = self.residue_embedding(last) + self.mass_embedding(masses)
        now = []
        for number, layer in enumerate(self._decoder_layers()):
            past = state.past[number] if state.past else None
            x, kept = layer(x, state.spectrum[number], state.peak_mask, past)
            now.append(kept)
        logits = self.output(self.decoder_norm(x))
        return logits.float().masked_fill(~self.choosable, IMPOSSIBLE), tuple(now)
