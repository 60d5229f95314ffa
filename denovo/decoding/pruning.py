"""Pruning of the search by mass: of what is too heavy or cannot reach the precursor mass."""

from typing import Protocol, runtime_checkable

import torch

from denovo.chemistry import EOS, WATER_MASS
from denovo.decoding.hypotheses import tokens_on
from denovo.decoding.mass_constraint import MassConstraint
from denovo.decoding.reachable import reachable_masses
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.typing import Bool, Float64, Int, Tensor


@runtime_checkable
class Limit(Protocol):
    """Rule that excludes tokens by mass."""

    def forbidden(
        self, row: Int[Tensor, " chosen"], read_mass: Float64[Tensor, " chosen"], n_read: int
    ) -> Bool[Tensor, "chosen vocab"]:
        """Mark tokens that must not follow ``n_read`` tokens with a mass of ``read_mass`` Da."""
        ...


class Overshoot:
    """Limit to peptides at most ``max_overshoot`` Da heavier than their precursors."""

    def __init__(
        self,
        sequencer: Sequencer,
        precursor_mass: Float64[Tensor, " row"],
        max_overshoot: float | int,
    ) -> None:
        tokens = tokens_on(sequencer.vocabulary, precursor_mass.device)
        self.masses, self.has_mass = tokens.masses, tokens.masses > 0
        self.heaviest = (precursor_mass - WATER_MASS + max_overshoot)[:, None]
        if sequencer.direction == "backward":
            # A modification that makes the peptide lighter may still follow.
            self.heaviest = self.heaviest - self.masses.min()

    def forbidden(
        self, row: Int[Tensor, " chosen"], read_mass: Float64[Tensor, " chosen"], n_read: int
    ) -> Bool[Tensor, "chosen vocab"]:
        """Mark residues that are too heavy; see `Limit`."""
        return (read_mass[:, None] + self.masses > self.heaviest[row]) & self.has_mass


class MassLimit:
    """Limit to prefixes that some multiset of residues completes to the precursor mass."""

    def __init__(
        self,
        constraint: MassConstraint,
        sequencer: Sequencer,
        precursor_mass: Float64[Tensor, " row"],
        max_length: int,
    ) -> None:
        vocabulary, device = sequencer.vocabulary, precursor_mass.device
        self.low, self.high = constraint.windows(precursor_mass)
        self.max_length = max_length
        tokens = tokens_on(vocabulary, device)
        self.masses, self.heaviest = tokens.masses, vocabulary.masses.max().item()
        # Forward, an N-terminal modification may only be the first token; backward, only the last.
        is_backward = sequencer.direction == "backward"
        self.reachable = reachable_masses(vocabulary, is_backward, device)
        self.can_end = tokens.is_n_terminal & is_backward
        self.can_go_on = tokens.is_residue & ~self.can_end
        self.can_end[EOS] = True

    def forbidden(
        self, row: Int[Tensor, " chosen"], read_mass: Float64[Tensor, " chosen"], n_read: int
    ) -> Bool[Tensor, "chosen vocab"]:
        """Mark tokens after which no peptide has the precursor mass; see `Limit`."""
        longest = (self.max_length - n_read - 1) * self.heaviest
        low, high = self.low[row], self.high[row]
        mark = self._on_cpu if row.device.type == "cpu" else self._on_device
        return mark(read_mass, low, high, longest)

    def _on_cpu(
        self,
        read_mass: Float64[Tensor, " row"],
        low: Float64[Tensor, "row isotope"],
        high: Float64[Tensor, "row isotope"],
        longest: float,
    ) -> Bool[Tensor, "row vocab"]:
        from denovo.decoding.kernels import mark_unreachable  # loads numba

        return torch.from_numpy(
            mark_unreachable(
                read_mass.numpy(),
                low.numpy(),
                high.numpy(),
                self.masses.numpy(),
                self.can_end.numpy(),
                self.can_go_on.numpy(),
                longest,
                self.reachable.low.numpy(),
                self.reachable.high.numpy(),
                self.reachable.first_of_step,
            )
        )

    def _on_device(
        self,
        read_mass: Float64[Tensor, " row"],
        low: Float64[Tensor, "row isotope"],
        high: Float64[Tensor, "row isotope"],
        longest: float,
    ) -> Bool[Tensor, "row vocab"]:
        after = (read_mass[:, None] + self.masses)[:, None]
        low, high = low[..., None] - after, high[..., None] - after
        fits_now = (low <= 0) & (high >= 0) & self.can_end
        fits_later = self.reachable.any_between(low, high) & (low <= longest) & self.can_go_on
        return ~(fits_now | fits_later).any(dim=1)
