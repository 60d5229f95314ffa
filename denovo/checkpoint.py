"""Read checkpoints without trusting them."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from denovo.chemistry import Vocabulary
from denovo.configuration import build
from denovo.errors import InputError

_TRUSTED = ("denovo.models.", "denovo.chemistry.")
"""Only what lies in these rooms is built at the word of a checkpoint."""

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
    for node in (config["residues"], config["model"]):
        _check_targets(node, path)
    vocabulary = Vocabulary(build(config["residues"]))
    vocabulary.check_state(checkpoint["denovo"]["vocabulary"])
    sequencer = build(config["model"], vocabulary=vocabulary)
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


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read tensors and plain values from a checkpoint; see `load_sequencer`."""
    if not Path(path).is_file():
        raise InputError(f"there is no checkpoint {path}; give the path of a .ckpt file")
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} holds more than weights and plain values, so reading it could run code; "
            "it is refused"
        ) from error
    except (RuntimeError, EOFError, ValueError, OSError) as error:
        raise InputError(f"{path} is no checkpoint, or is damaged") from error
    if not isinstance(checkpoint, Mapping) or not {"denovo", "state_dict"} <= set(checkpoint):
        raise InputError(f"{path} was not written by denovo train.py")
    return dict(checkpoint)


def _check_targets(node: Any, path: str | Path) -> None:
    if isinstance(node, Mapping):
        target = node.get("_target_")
        if target is not None and not str(target).startswith(_TRUSTED):
            raise InputError(f"{path} asks for {target!r} to be built, which is refused")
        for value in node.values():
            _check_targets(value, path)
    elif isinstance(node, list | tuple):
        for value in node:
            _check_targets(value, path)
