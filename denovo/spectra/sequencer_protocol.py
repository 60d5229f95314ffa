"""Protocol of the networks that predict peptides from spectra."""

from typing import Any, Literal, Protocol, runtime_checkable

from denovo.chemistry import Vocabulary
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.typing import Float, Int, Tensor

Direction = Literal["forward", "backward"]

IMPOSSIBLE = -1e9
"""Logit of a token that can never be chosen: finite, so that products are never NaN."""


@runtime_checkable
class DecoderState(Protocol):
    """State of a sequencer after the residues decoded so far."""

    def select(self, index: Int[Tensor, " chosen"]) -> Any:
        """Select rows by number, in any order and with repetition."""
        ...


@runtime_checkable
class Sequencer(Protocol):
    """A network that predicts peptides from spectra.

    Attributes
    ----------
    vocabulary : Vocabulary
        Its tokens.
    direction : "forward" or "backward"
        Whether decoding starts at the N-terminus or at the C-terminus.
    n_refinements : int
        Number of sets of logits that `forward` returns; 1 for a sequencer without refinement.
    """

    vocabulary: Vocabulary
    direction: Direction
    n_refinements: int

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "step batch length vocab"]:
        """Compute the logits of every position for training.

        Parameters
        ----------
        batch : LabelledSpectra
            Spectra and peptides; an autoregressive sequencer uses at each position only the
            residues before it.

        Returns
        -------
        Tensor [step, batch, length, vocab]
            One set of logits per refinement step, aligned with ``batch.tokens`` for both
            directions of decoding.
        """
        ...

    def initial_state(self, spectra: Spectra) -> DecoderState:
        """Return the state before the first residue."""
        ...

    def next_residue_logits(
        self, state: DecoderState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], DecoderState]:
        """Process one token (SOS at the start) and score every possible next token.

        Parameters
        ----------
        state : DecoderState
            State before the token; it is not changed.
        last_token : Tensor [batch], int64
            The token chosen last.

        Returns
        -------
        logits : Tensor [batch, vocab]
            Unnormalised log-probabilities of the next token in decoding direction.
        state : DecoderState
            State after the token.
        """
        ...
