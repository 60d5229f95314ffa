"""What stays the same over all refinement steps, and what a decoder is handed at their end."""

from dataclasses import dataclass

from denovo.chemistry import EOS
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.transformer.layers import KeyValues
from denovo.spectra.protocol import IMPOSSIBLE
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class RefinementInput:
    """Spectra under refinement.

    Parameters
    ----------
    peaks : PeakLookup
        Their peaks.
    precursor_mass : Tensor [batch], float64
        Neutral mass in Da.
    n_positions : Tensor [batch], int64
        Residues of the longest peptide that the mass allows, and its end.
    encoded : KeyValues or None
        Projections of the encoded peaks.
    peak_mask : Tensor [batch, 1, 1, peak], bool, or None
        True for real peaks.
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
    """A finished draft and how far a decoder has read it.

    Parameters
    ----------
    logits : Tensor [batch, length, vocab]
        The last refinement step.
    position : int
        Position to be read next.
    """

    logits: Float[Tensor, "batch length vocab"]
    position: int = 0

    def select(self, index: Int[Tensor, " chosen"]) -> "RecursiveState":
        """Take rows by number, in order and with repetition."""
        return RecursiveState(self.logits[index], self.position)


def ended(
    logits: Float[Tensor, "batch length vocab"], n_positions: Int[Tensor, " batch"]
) -> Float[Tensor, "batch length vocab"]:
    """End every peptide at its last position, whatever the logits say there."""
    only_end = logits.new_full((logits.shape[-1],), IMPOSSIBLE)
    only_end[EOS] = 0.0
    is_open = position_mask(n_positions - 1, logits.shape[1])
    return logits.where(is_open[..., None], only_end)


def position_mask(n_positions: Int[Tensor, " batch"], length: int) -> Bool[Tensor, "batch length"]:
    """Mark the first ``n_positions`` of ``length`` positions."""
    return n_positions.new_tensor(range(length)) < n_positions[:, None]
