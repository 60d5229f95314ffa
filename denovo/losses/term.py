"""`LossTerm`: the base class of loss terms, modules that return one value per spectrum."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.errors import check_names, check_positive
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Float, Tensor


class LossTerm(nn.Module, ABC):
    """One quantity to be minimised.

    Parameters
    ----------
    vocabulary : Vocabulary
        The tokens that the logits are over.

    Attributes
    ----------
    is_expensive : bool
        Whether the term is left out, not only unweighted, while its weight is 0.
    settings : dict of str to float
        Current values of the settings that a curriculum may change, made by `add_setting`.

    Notes
    -----
    Residue masses are looked up in the vocabulary rather than kept as buffers: casting a module to
    16 bits casts its buffers too, and would shift masses by hundreds of ppm.
    """

    is_expensive: ClassVar[bool] = False

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.settings: dict[str, float] = {}

    def add_setting(self, name: str, value: float | int) -> None:
        """Declare a positive setting that a curriculum may change, and hold it as a buffer.

        The buffer is not persistent, for the same reasons as the weights of `CompositeLoss`;
        ``settings`` has the same value without a transfer from the device.

        Parameters
        ----------
        name : str
            Name of the setting and of the buffer, a float32 Tensor [].
        value : float
            Its first value, positive.

        Raises
        ------
        InputError
            If the value is not a positive number.
        """
        self.settings[name] = check_positive(name, value)
        self.register_buffer(name, torch.tensor(self.settings[name]), persistent=False)

    def set_settings(self, settings: Mapping[str, float | int]) -> None:
        """Change settings while training runs.

        Parameters
        ----------
        settings : mapping of str to float
            Positive values of any of ``self.settings``; the others stay as they are.

        Raises
        ------
        InputError
            If there is no such setting, or a value is not positive.
        """
        check_names(settings, self.settings, type(self).__name__, "setting to change in training")
        for name, value in settings.items():
            self.settings[name] = check_positive(name, value)
            self.get_buffer(name).fill_(self.settings[name])

    @abstractmethod
    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float[Tensor, " batch"]:
        """Compute the value of each spectrum.

        Parameters
        ----------
        logits : Tensor [step, batch, length, vocab]
            Logits at each position of the peptide, for each refinement step.
        batch : LabelledSpectra
            The spectra and their peptides.

        Returns
        -------
        Tensor [batch]
            Values, not reduced.
        """
