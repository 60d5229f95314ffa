"""Protocol of the networks that read peptides out of spectra."""

from typing import Any, Literal, Protocol, runtime_checkable

from denovo.chemistry import Vocabulary
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.typing import Float, Int, Tensor

Direction = Literal["forward", "backward"]

IMPOSSIBLE = -1e9
"""Logit of a token that can never be chosen: finite, so that nothing multiplies into NaN."""


@runtime_checkable
class DecoderState(Protocol):
    """Everything a sequencer remembers of the residues it has read so far."""

    def select(self, index: Int[Tensor, " chosen"]) -> Any:
        """Take rows by number, in order and with repetition."""
        ...


@runtime_checkable
class Sequencer(Protocol):
    """A network that reads peptides out of spectra.

    Attributes
    ----------
    vocabulary : Vocabulary
        Its tokens.
    direction : "forward" or "backward"
        Whether decoding starts at the N-terminus or at the C-terminus.
    n_refinements : int
        Sets of logits that `forward` returns; 1 for one that reads residue by residue.
    """

    vocabulary: Vocabulary
    direction: Direction
    n_refinements: int

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "step batch length vocab"]:
        """Compute the logits of every position for training.

        Parameters
        ----------
        batch : LabelledSpectra
            Spectra and peptides; an autoregressive sequencer reads at each position the residues
            before it, never the one to be predicted.

        Returns
        -------
        Tensor [step, batch, length, vocab]
            One set of logits per refinement step, aligned with ``batch.tokens`` whatever the
            direction of reading.
        """
        ...

    def initial_state(self, spectra: Spectra) -> DecoderState:
        """Prepare decoding: nothing read yet."""
        ...

    def next_residue_logits(
        self, state: DecoderState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], DecoderState]:
        """Read one token (SOS at the start) and score every token that may follow.

        Parameters
        ----------
        state : DecoderState
            What was read before; it is left unchanged.
        last_token : Tensor [batch], int64
            The token chosen last.

        Returns
        -------
        logits : Tensor [batch, vocab]
            Unnormalised log-probabilities of the next token in reading direction.
        state : DecoderState
            What has been read now.
        """
        ...
