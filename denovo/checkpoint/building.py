"""Build networks at the word of a file, and nothing else."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from denovo.chemistry import ResidueAlphabet, Vocabulary
from denovo.errors import InputError
from denovo.models import (
    EvidenceSequencer,
    RecursiveSequencer,
    SpectrumGraphSequencer,
    TransformerSequencer,
)

_BUILDABLE = {
    "denovo.models.EvidenceSequencer": EvidenceSequencer,
    "denovo.models.RecursiveSequencer": RecursiveSequencer,
    "denovo.models.SpectrumGraphSequencer": SpectrumGraphSequencer,
    "denovo.models.TransformerSequencer": TransformerSequencer,
    "denovo.chemistry.ResidueAlphabet": ResidueAlphabet,
}
"""All that is built at the word of a file. Hydra is kept out: it would resolve any name."""


def build_vocabulary(config: dict[str, Any], path: str | Path) -> Vocabulary:
    """Build the vocabulary of the alphabet that a configuration names.

    Parameters
    ----------
    config : dict
        With the node ``residues``.
    path : str or Path
        Where it came from, for the message.

    Raises
    ------
    InputError
        If it names no alphabet.
    """
    return Vocabulary(_build(config.get("residues"), path))


def build_sequencer(
    config: dict[str, Any],
    vocabulary_state: dict[str, Any],
    weights: dict[str, Tensor],
    path: str | Path,
) -> nn.Module:
    """Build the sequencer that a configuration names, and give it its weights.

    Parameters
    ----------
    config : dict
        With the nodes ``residues`` and ``model``.
    vocabulary_state : dict
        Table that the weights were trained with, as `Vocabulary.state` returns it.
    weights : dict of str to Tensor
        By the names of the sequencer's parameters.
    path : str or Path
        Where all that came from, for messages.

    Returns
    -------
    Module
        In evaluation mode, on the CPU.

    Raises
    ------
    InputError
        If configuration, table and weights do not fit each other or this package.
    """
    vocabulary = build_vocabulary(config, path)
    vocabulary.check_state(vocabulary_state)
    sequencer = _build(config.get("model"), path, vocabulary=vocabulary)
    try:
        sequencer.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(
            f"the weights in {path} do not fit the model they name; was the file written by "
            "another version of denovo?"
        ) from error
    return sequencer.eval()


def _build(node: Any, path: str | Path, **arguments: Any) -> Any:
    target = node.get("_target_") if isinstance(node, dict) else None
    if target not in _BUILDABLE:
        raise InputError(f"{path} asks for {target!r} to be built, which is refused")
    settings = {key: value for key, value in node.items() if key not in ("_target_", "_convert_")}
    try:
        return _BUILDABLE[target](**settings, **arguments)
    except TypeError as error:
        raise InputError(f"{path} holds settings that {target} does not know: {error}") from error
