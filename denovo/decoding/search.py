"""Beam search over the tokens of a peptide."""

from typing import Any, Protocol, runtime_checkable

import torch

from denovo.chemistry import SOS, WATER_MASS
from denovo.decoding.hypotheses import Hypotheses, Tokens, tokens_on
from denovo.spectra.protocol import Sequencer
from denovo.typing import Bool, Float64, Int, Tensor


@runtime_checkable
class Limit(Protocol):
    """What masses rule out."""

    def forbidden(
        self, read_mass: Float64[Tensor, " row"], n_read: int
    ) -> Bool[Tensor, "row vocab"]:
        """Mark the tokens that may not follow."""
        ...


class Overshoot:
    """No residue may make a peptide heavier than its precursor."""

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
            # A modification that makes the peptide lighter may still come.
            self.heaviest = self.heaviest - self.masses.min()

    def forbidden(
        self, read_mass: Float64[Tensor, " row"], n_read: int
    ) -> Bool[Tensor, "row vocab"]:
        """Mark residues that weigh too much; see `Limit`."""
        return (read_mass[:, None] + self.masses > self.heaviest) & self.has_mass


def beam_search(
    sequencer: Sequencer,
    state: Any,
    limit: Limit,
    n_spectra: int,
    device: torch.device,
    beam_width: int,
    n_candidates: int,
    max_length: int,
) -> Hypotheses:
    """Read the peptides of a batch.

    Each step reads one token: the state of the prefix is kept, never computed again. The search
    ends where no hypothesis can get ahead of the best ones any more: scores only fall.
    """
    tokens = tokens_on(sequencer.vocabulary, device)
    first = torch.full((n_spectra,), SOS, device=device)
    logits, state = sequencer.next_residue_logits(state, first)
    # The row of the state that a hypothesis goes on from: all of a spectrum begin alike.
    source = torch.arange(n_spectra, device=device).repeat_interleave(beam_width)
    is_going = torch.ones_like(source, dtype=torch.bool)
    found = Hypotheses.start(n_spectra * beam_width, beam_width, device)
    for n_read in range(max_length + 1):
        forbidden = limit.forbidden(found.read_mass, n_read) | ~is_going[:, None]
        forbidden |= _misplaced(found.tokens, tokens, sequencer.direction)
        found, parent = found.extend(logits[source], forbidden, beam_width, tokens)
        is_going = _may_get_ahead(found, beam_width, n_candidates)
        going = is_going.nonzero().flatten()
        if n_read == max_length or len(going) == 0:
            break
        if beam_width > 1 or len(going) < len(logits):
            state = state.select(source[parent[going]])
        logits, state = sequencer.next_residue_logits(state, found.last[going])
        source = (is_going.cumsum(dim=0) - 1).clamp(min=0)
    return found


def _may_get_ahead(found: Hypotheses, beam_width: int, n_candidates: int) -> Bool[Tensor, " row"]:
    """Mark hypotheses to be read on; the others have ended, or the best of their spectrum have."""
    is_over = found.has_ended | ~found.is_possible
    is_settled = is_over.view(-1, beam_width)[:, :n_candidates].all(dim=1)
    return ~(is_over | is_settled.repeat_interleave(beam_width))


def _misplaced(
    read: Int[Tensor, "row length"], tokens: Tokens, direction: str
) -> Bool[Tensor, "#row vocab"]:
    """Say which tokens would put an N-terminal modification where no N-terminus is."""
    is_first = read.shape[1] == 0
    if direction == "forward" or is_first:
        return (tokens.is_n_terminal & (not is_first))[None]
    # Read from the C-terminus, nothing but the end follows it.
    return tokens.is_n_terminal[read[:, -1:]] & tokens.is_residue
