"""What every loss term is: a module that gives one value per spectrum."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import nn

from denovo.chemistry import Vocabulary
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Tensor


class LossTerm(nn.Module, ABC):
    """One quantity to be made small.

    Parameters
    ----------
    vocabulary : Vocabulary
        The tokens that the logits are over.

    Attributes
    ----------
    is_expensive : bool
        Whether the term is left out, not only unweighted, while its weight is 0.

    Notes
    -----
    Residue masses are looked up in the vocabulary rather than kept as buffers: casting a module to
    16 bits casts its buffers too, and would shift masses by hundreds of ppm.
    """

    is_expensive: ClassVar[bool] = False

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    @abstractmethod
    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float[Tensor, " batch"]:
        """Compute the value of each spectrum.

        Parameters
        ----------
        logits : Tensor [step, batch, length, vocab]
            What the sequencer says at each position of the peptide, for each refinement step.
        batch : LabelledSpectra
            The spectra and their peptides.

        Returns
        -------
        Tensor [batch]
            Values, not reduced.
        """
