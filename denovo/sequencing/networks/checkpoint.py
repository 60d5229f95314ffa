"""Safe reading of checkpoints of training."""

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.io.torch_files import check_torch_file
from denovo.sequencing.networks.building import build_vocabulary
from denovo.sequencing.networks.schema import NetworkSettings, parts_read
from denovo.sequencing.networks.validation import validated
from denovo.typing import Tensor

_DAMAGED = (
    *(RuntimeError, EOFError, OSError, ValueError, LookupError, AttributeError),
    *(TypeError, MemoryError, OverflowError),
)
"""What `torch.load` raises for damaged files; RecursionError is a RuntimeError."""
_MAX_DEPTH = 32
_MAX_CONTENT = 10_000_000
"""Most values and characters in a checkpoint, without tensors; references can multiply them."""


def vocabulary_of(checkpoint: dict[str, Any], path: str | Path) -> Vocabulary:
    """Build the vocabulary of the alphabet that a checkpoint names; see `network_settings`."""
    return build_vocabulary(checkpoint["denovo"]["config"], path)


def network_settings(checkpoint: dict[str, Any], path: str | Path) -> NetworkSettings:
    """Return the validated settings of the network of a checkpoint.

    Parameters
    ----------
    checkpoint : dict
        What `read_checkpoint` returned.
    path : str or Path
        Its file, for messages.

    Raises
    ------
    InputError
        If a setting is refused.
    """
    config = parts_read(checkpoint["denovo"]["config"])
    return validated(NetworkSettings, config, path, "config")


def read_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read tensors and plain values of a checkpoint; nothing else is unpickled.

    Parameters
    ----------
    path : str or Path
        A ``.ckpt`` file of a training.

    Returns
    -------
    dict
        With ``state_dict`` and ``denovo``: vocabulary and configuration, not validated.

    Raises
    ------
    InputError
        If the file is missing, is no checkpoint of denovo, is damaged, needs unpickling of other
        types, or would expand to far more memory than its size.
    """
    if not Path(path).is_file():
        raise InputError(f"there is no checkpoint {path}; give the path of a .ckpt file")
    check_torch_file(path)
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path} is refused: it is damaged, or holds more than weights and plain values, so "
            "that reading it could run code"
        ) from error
    except _DAMAGED as error:
        raise InputError(f"{path} is no checkpoint, or is damaged") from error
    _check_proportions(checkpoint, Path(path))
    if not _is_ours(checkpoint):
        raise InputError(f"{path} was not written by denovo's train.py")
    return checkpoint


def _is_ours(checkpoint: Any) -> bool:
    ours = checkpoint.get("denovo") if isinstance(checkpoint, dict) else None
    weights = checkpoint.get("state_dict") if isinstance(checkpoint, dict) else None
    return (
        isinstance(ours, dict)
        and all(isinstance(ours.get(part), dict) for part in ("config", "vocabulary"))
        and isinstance(weights, Mapping)
        and all(isinstance(k, str) and isinstance(w, Tensor) for k, w in weights.items())
    )


def _check_proportions(checkpoint: Any, path: Path) -> None:
    """Refuse views larger than their storage, and references that multiply content."""
    n_bytes, n_content, size = 0, 0, path.stat().st_size
    for value, depth in _values(checkpoint):
        if isinstance(value, Tensor):
            is_plain = value.layout is torch.strided
            n_bytes += value.numel() * value.element_size() if is_plain else size + 1
        n_content += 1 + (len(value) if isinstance(value, str | bytes) else 0)
        if n_bytes > size or n_content > _MAX_CONTENT or depth > _MAX_DEPTH:
            raise InputError(
                f"{path} is refused: what it holds would be far larger than the file, or is "
                "nested too deeply"
            )


def _values(content: Any) -> Iterator[tuple[Any, int]]:
    """Yield every value in a checkpoint with its depth, once per reference."""
    waiting = [iter([content])]
    while waiting:
        value = next(waiting[-1], waiting)
        if value is waiting:
            waiting.pop()
            continue
        yield value, len(waiting)
        if isinstance(value, Mapping):
            waiting.append(iter([*value, *value.values()]))
        elif isinstance(value, list | tuple | set | frozenset):
            waiting.append(iter(value))
