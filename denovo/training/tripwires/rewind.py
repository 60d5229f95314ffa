"""Rewind of a training to the weights of a good checkpoint."""

from collections.abc import Iterator
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from denovo.errors import InputError
from denovo.training.callbacks.last_checkpoint import LastCheckpoint
from denovo.training.callbacks.trainer import callbacks_of
from denovo.typing import Tensor


def rewind(trainer: L.Trainer) -> int:
    """Load weights and optimizer state of the last good checkpoint between two steps.

    The step count stays: data, noise, learning rate and curriculum are functions of the step and
    continue with the next one. No data are repeated, the harmful batch does not come again, and the
    run stays reproducible. Returns the step of the checkpoint. Raises `InputError` if there is no
    checkpoint with an optimizer state and finite weights.
    """
    found = [_read(trainer, path) for path in _candidates(trainer)]
    good = [checkpoint for checkpoint in found if checkpoint and _is_good(checkpoint)]
    if not good:
        raise InputError(
            "there is no good checkpoint to rewind to yet; lower "
            "callbacks.last.every_n_train_steps, or find what is wrong with the first steps"
        )
    checkpoint = max(good, key=lambda one: one["global_step"])
    trainer.lightning_module.load_state_dict(checkpoint["state_dict"])
    states = zip(trainer.optimizers, checkpoint["optimizer_states"], strict=True)
    for optimizer, state in states:
        # The groups hold the learning rate, which stays that of the current step.
        now = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({**state, "param_groups": now})
    return checkpoint["global_step"]


def _candidates(trainer: L.Trainer) -> list[str]:
    saved = [
        path
        for callback in callbacks_of(trainer, ModelCheckpoint)
        for path in (callback.last_model_path, callback.best_model_path)
    ]
    saved += [callback.path for callback in callbacks_of(trainer, LastCheckpoint)]
    # A resumed run may not have saved a checkpoint yet.
    return list(dict.fromkeys(str(path) for path in (*saved, trainer.ckpt_path) if path))


def _read(trainer: L.Trainer, path: str) -> dict[str, Any] | None:
    try:
        return trainer.strategy.checkpoint_io.load_checkpoint(path, weights_only=True)
    except FileNotFoundError:
        return None


def _is_good(checkpoint: dict[str, Any]) -> bool:
    states = checkpoint.get("optimizer_states")
    return bool(states) and all(
        bool(torch.isfinite(tensor).all())
        for tensor in _tensors([checkpoint["state_dict"], states])
    )


def _tensors(node: Any) -> Iterator[Tensor]:
    if isinstance(node, Tensor):
        yield node
    elif isinstance(node, dict):
        yield from _tensors(list(node.values()))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _tensors(value)
