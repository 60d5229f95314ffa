"""The base class of loss terms, modules that return one value per spectrum."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

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
    settings : dict of str to float
        Current values of the settings that a curriculum may change, made by `add_setting`.
    needs_weight : bool
        Whether the term is computed only where it has a weight, since it costs much. Others are
        logged throughout.

    Notes
    -----
    Residue masses are looked up in the vocabulary rather than kept as buffers: casting a module to
    16 bits casts its buffers too, and would shift masses by hundreds of ppm.
    """

    needs_weight = False

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.settings: dict[str, float] = {}

    def attach(self, sequencer: nn.Module) -> None:
        """Receive the network that is trained; only terms that search with it keep it."""

    def add_setting(self, name: str, value: float | int) -> None:
        """Declare a positive setting that a curriculum may change, and hold it as a buffer.

        The buffer, a float32 Tensor [] of the same name, is not persistent for the same reasons as
        the weights of `CompositeLoss`. ``settings`` has its value without a transfer from the
        device.
        """
        self.settings[name] = check_positive(name, value)
        self.register_buffer(name, torch.tensor(self.settings[name]), persistent=False)

    def set_settings(self, settings: Mapping[str, float | int]) -> None:
        """Change settings while training runs; those that are not named stay as they are."""
        check_names(settings, self.settings, type(self).__name__, "setting to change in training")
        for name, value in settings.items():
            self.settings[name] = check_positive(name, value)
            self.get_buffer(name).fill_(self.settings[name])

    @abstractmethod
    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float[Tensor, " batch"]:
        """Compute the value of each spectrum, not reduced, from logits of each refinement step."""
