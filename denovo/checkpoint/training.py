"""Checkpoints that training wrote, read without trusting them."""

import pickle
from pathlib import Path
from typing import Any

import torch

from denovo.checkpoint.building import build_vocabulary
from denovo.chemistry import Vocabulary
from denovo.errors import InputError


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
    return build_vocabulary(checkpoint["denovo"]["config"], path)


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read tensors and plain values from a checkpoint; nothing else is unpickled.

    Parameters
    ----------
    path : str or Path
        A ``.ckpt`` file that training wrote.

    Returns
    -------
    dict
        With ``state_dict`` and ``denovo``: vocabulary and configuration.

    Raises
    ------
    InputError
        If the file is missing, is no checkpoint of denovo, is damaged, or would need unpickling.
    """
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
