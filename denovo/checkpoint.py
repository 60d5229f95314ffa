"""Read checkpoints without trusting them."""

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from denovo.chemistry import ResidueAlphabet, Vocabulary
from denovo.errors import InputError
from denovo.models import EvidenceSequencer, RecursiveSequencer, TransformerSequencer

_BUILDABLE = {
    "denovo.models.EvidenceSequencer": EvidenceSequencer,
    "denovo.models.RecursiveSequencer": RecursiveSequencer,
    "denovo.models.TransformerSequencer": TransformerSequencer,
    "denovo.chemistry.ResidueAlphabet": ResidueAlphabet,
}
"""All that is built at the word of a checkpoint. Hydra is kept out: it would resolve any name."""

_SEQUENCER = "sequencer."


def load_sequencer(path: str | Path) -> tuple[nn.Module, dict[str, Any]]:
    """Build the sequencer of a checkpoint, with its weights.

    Nothing is unpickled but tensors and plain values, and nothing is built but sequencers and
    alphabets of this package, so that a downloaded file cannot run code.

    Parameters
    ----------
    path : str or Path
        A checkpoint that training wrote.

    Returns
    -------
    sequencer : Module
        In evaluation mode, on the CPU.
    config : dict
        The configuration it was trained with.

    Raises
    ------
    InputError
        If the file is missing, is no checkpoint of denovo, is damaged, or would need unpickling.
    """
    checkpoint = read_checkpoint(path)
    config = checkpoint["denovo"]["config"]
    vocabulary = vocabulary_of(checkpoint, path)
    vocabulary.check_state(checkpoint["denovo"]["vocabulary"])
    sequencer = _build(config.get("model"), path, vocabulary=vocabulary)
    weights = {
        name.removeprefix(_SEQUENCER): value
        for name, value in checkpoint["state_dict"].items()
        if name.startswith(_SEQUENCER)
    }
    try:
        sequencer.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(
            f"the weights in {path} do not fit the model they name; was the file written by "
            "another version of denovo?"
        ) from error
    return sequencer.eval(), config


def vocabulary_of(checkpoint: dict[str, Any], path: str | Path) -> Vocabulary:
    """Build the vocabulary of the alphabet that a checkpoint names, whatever table it stores.

    Parameters
    ----------
    checkpoint : dict
        What `read_checkpoint` returned.
    path : str or Path
        Where it came from, for the message.

    Raises
    ------
    InputError
        If it names no alphabet.
    """
    return Vocabulary(_build(checkpoint["denovo"]["config"].get("residues"), path))


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read tensors and plain values from a checkpoint; see `load_sequencer`."""
    if not Path(path).is_file():
        raise InputError(f"there is no checkpoint {path}; give the path of a .ckpt file")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} is refused: it is damaged, or holds more than weights and plain values, so "
            "that reading it could run code"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, LookupError, AttributeError) as error:
        raise InputError(f"{path} is no checkpoint, or is damaged") from error
    ours = checkpoint.get("denovo") if isinstance(checkpoint, dict) else None
    if not isinstance(ours, dict) or not {"config", "vocabulary"} <= set(ours):
        raise InputError(f"{path} was not written by denovo's train.py")
    return checkpoint


def _build(node: Any, path: str | Path, **arguments: Any) -> Any:
    target = node.get("_target_") if isinstance(node, dict) else None
    if target not in _BUILDABLE:
        raise InputError(f"{path} asks for {target!r} to be built, which is refused")
    settings = {key: value for key, value in node.items() if key not in ("_target_", "_convert_")}
    try:
        return _BUILDABLE[target](**settings, **arguments)
    except TypeError as error:
        raise InputError(f"{path} holds settings that {target} does not know: {error}") from error
