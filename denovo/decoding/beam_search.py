"""Beam search over the tokens of peptides."""

from dataclasses import replace
from typing import Any

import torch

from denovo.chemistry import SOS
from denovo.decoding.hypotheses import Hypotheses, Tokens, tokens_on
from denovo.decoding.pruning import Limit
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.typing import Bool, Int, Tensor


def beam_search(
    sequencer: Sequencer,
    state: Any,
    limit: Limit,
    n_spectra: int,
    device: torch.device,
    beam_width: int,
    n_candidates: int,
    max_length: int,
    margin: float = torch.inf,
) -> Hypotheses:
    """Search for the peptides of a batch; returns ``beam_width`` rows of each spectrum, best first.

    Each step adds one token and reuses the state of the prefix. A spectrum is finished when its
    ``n_candidates`` best hypotheses have ended: scores only decrease, so no other overtakes them.
    Hypotheses more than ``margin`` below the best of their spectrum are dropped.
    """
    tokens = tokens_on(sequencer.vocabulary, device)
    first = torch.full((n_spectra,), SOS, device=device)
    logits, state = sequencer.next_residue_logits(state, first)
    # Row of the state that each hypothesis extends; at first there is one of each spectrum.
    source = torch.arange(n_spectra, device=device).repeat_interleave(beam_width)
    going = torch.arange(0, len(source), beam_width, device=device)
    found = Hypotheses.start(n_spectra * beam_width, beam_width, device)
    for n_read in range(max_length + 1):
        forbidden = torch.ones(len(found), len(tokens.masses), dtype=torch.bool, device=device)
        forbidden[going] = limit.forbidden(going, found.read_mass[going], n_read)
        forbidden |= _misplaced(found.tokens, tokens, sequencer.direction)
        found, parent = found.extend(logits, source, forbidden, beam_width, tokens)
        is_going = _may_get_ahead(found, beam_width, n_candidates, margin)
        going = is_going.nonzero().flatten()
        if n_read == max_length or len(going) == 0:
            break
        if beam_width > 1 or len(going) < len(logits):
            state = state.select(source[parent[going]])
        logits, state = sequencer.next_residue_logits(state, found.last[going])
        source = (is_going.cumsum(dim=0) - 1).clamp(min=0)
    score = found.score.masked_fill(found.is_behind(margin, beam_width), -torch.inf)
    return replace(found, score=score)


def _may_get_ahead(
    found: Hypotheses, beam_width: int, n_candidates: int, margin: float
) -> Bool[Tensor, " row"]:
    """Mark hypotheses that have not ended and are not far behind the best of their spectrum.

    None is marked where the best have all ended. Those that have ended are kept while they are
    behind: the best of those that have not may still fall.
    """
    is_over = found.has_ended | ~found.is_possible
    is_settled = is_over.view(-1, beam_width)[:, :n_candidates].all(dim=1)
    is_over = is_over | is_settled.repeat_interleave(beam_width)
    return ~(is_over | found.is_behind(margin, beam_width))


def _misplaced(
    read: Int[Tensor, "row length"], tokens: Tokens, direction: str
) -> Bool[Tensor, "#row vocab"]:
    """Mark tokens that would put an N-terminal modification inside a peptide."""
    is_first = read.shape[1] == 0
    if direction == "forward" or is_first:
        return (tokens.is_n_terminal & (not is_first))[None]
    # Backward, only the end may follow an N-terminal modification.
    return tokens.is_n_terminal[read[:, -1:]] & tokens.is_residue
