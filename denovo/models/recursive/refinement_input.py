"""What stays the same over all refinement steps, and what a decoder is handed at their end."""

from dataclasses import dataclass

from denovo.chemistry import EOS
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.transformer.layers import KeyValues
from denovo.spectra.protocol import IMPOSSIBLE
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class RefinementInput:
    """Data of the spectra that stay the same over all refinement steps.

    ``precursor_mass`` is neutral, in Da. ``n_positions`` counts the residues of the longest peptide
    that the mass allows, and EOS. ``encoded`` and ``peak_mask`` are the projections of the encoded
    peaks and the mask of the real ones.
    """

    peaks: PeakLookup
    precursor_mass: Float64[Tensor, " batch"]
    n_positions: Int[Tensor, " batch"]
    encoded: KeyValues | None
    peak_mask: Bool[Tensor, "batch 1 1 peak"] | None

    def select(self, index: Int[Tensor, " chosen"]) -> "RefinementInput":
        """Take rows by number."""
        return RefinementInput(
            self.peaks.select(index),
            self.precursor_mass[index],
            self.n_positions[index],
            None if self.encoded is None else self.encoded.select(index),
            None if self.peak_mask is None else self.peak_mask[index],
        )


@dataclass(frozen=True)
class RecursiveState:
    """Logits of the last refinement step, and the position that a decoder reads next."""

    logits: Float[Tensor, "batch length vocab"]
    position: int = 0

    def select(self, index: Int[Tensor, " chosen"]) -> "RecursiveState":
        """Take rows by number, in order and with repetition."""
        return RecursiveState(self.logits[index], self.position)


def ended(
    logits: Float[Tensor, "batch length vocab"], n_positions: Int[Tensor, " batch"]
) -> Float[Tensor, "batch length vocab"]:
    """Set EOS at the last position of every peptide."""
    only_end = logits.new_full((logits.shape[-1],), IMPOSSIBLE)
    only_end[EOS] = 0.0
    is_open = position_mask(n_positions - 1, logits.shape[1])
    return logits.where(is_open[..., None], only_end)


def position_mask(n_positions: Int[Tensor, " batch"], length: int) -> Bool[Tensor, "batch length"]:
    """Mark the first ``n_positions`` of ``length`` positions."""
    return n_positions.new_tensor(range(length)) < n_positions[:, None]
