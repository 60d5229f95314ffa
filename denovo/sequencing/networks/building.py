"""Construction of networks from validated settings and weights."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from denovo.chemistry import Tolerance, Vocabulary, parse_tolerance
from denovo.errors import InputError
from denovo.models import (
    EvidenceSequencer,
    RecursiveSequencer,
    SpectrumGraphSequencer,
    TransformerSequencer,
)
from denovo.sequencing.networks.schema import AlphabetSettings, NetworkSettings
from denovo.sequencing.networks.validation import validated
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE

_SEQUENCERS = {
    "denovo.models.EvidenceSequencer": EvidenceSequencer,
    "denovo.models.RecursiveSequencer": RecursiveSequencer,
    "denovo.models.SpectrumGraphSequencer": SpectrumGraphSequencer,
    "denovo.models.TransformerSequencer": TransformerSequencer,
}
"""The only classes that a file can request. Hydra is not used, as it would resolve any name."""


def build_vocabulary(config: Mapping[str, Any], path: str | Path) -> Vocabulary:
    """Build the vocabulary of the node ``residues`` of a configuration."""
    settings = validated(AlphabetSettings, config.get("residues"), path, "config.residues")
    return Vocabulary(settings.build())


def fragment_tolerance_of(config: Mapping[str, Any]) -> Tolerance:
    """Return how far from an ion a network expects its peak; 20 ppm if its training says nothing.

    All that compares candidates with peaks beside the network takes this: rescoring, and what is
    said of an answer.
    """
    written = config.get("fragment_tolerance")
    return FRAGMENT_TOLERANCE if written is None else parse_tolerance(written)


def build_sequencer(
    settings: NetworkSettings,
    vocabulary_state: dict[str, Any],
    weights: Mapping[str, Tensor],
    path: str | Path,
) -> nn.Module:
    """Build the sequencer of a file in evaluation mode, on the CPU, with its weights.

    ``vocabulary_state`` is the `Vocabulary.state` of training; refuses parts that do not fit.
    """
    vocabulary = Vocabulary(settings.residues.build())
    model = settings.model
    try:
        vocabulary.check_state(vocabulary_state)
        with _no_more_parameters_than(sum(value.numel() for value in weights.values())):
            sequencer = _SEQUENCERS[model.target](vocabulary=vocabulary, **model.arguments())
        sequencer.load_state_dict(weights)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (RuntimeError, ValueError, TypeError) as error:
        raise InputError(
            f"the weights in {path} do not fit the model they name; was the file written by "
            "another version of denovo?"
        ) from error
    return sequencer.eval()


@contextmanager
def _no_more_parameters_than(n_elements: int) -> Iterator[None]:
    """Stop the construction of a network with more parameters than its weights.

    torch allocates memory when it fills a parameter, which is after its registration.
    """
    left = n_elements

    def count(module: nn.Module, name: str, parameter: nn.Parameter | None) -> None:
        nonlocal left
        left -= 0 if parameter is None else parameter.numel()
        if left < 0:
            raise InputError(
                f"the model that it names has more parameters than the {n_elements} there are"
            )

    handle = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        handle.remove()
