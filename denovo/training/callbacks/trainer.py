"""Parts of a Lightning trainer that several callbacks need."""

from collections.abc import Mapping
from typing import Any, TypeVar

import lightning as L
from lightning.pytorch.callbacks import Callback

Kind = TypeVar("Kind", bound=Callback)


def callbacks_of(trainer: L.Trainer, kind: type[Kind]) -> list[Kind]:
    """Return the callbacks of a type, in the order in which they run."""
    callbacks: list[Callback] = trainer.callbacks  # pyright: ignore[reportAttributeAccessIssue]
    return [callback for callback in callbacks if isinstance(callback, kind)]


def log_now(trainer: L.Trainer, values: Mapping[str, float]) -> None:
    """Log figures to every logger under the current step.

    ``LightningModule.log`` writes a value at the next logging interval and repeats it at each later
    one until a new value replaces it. That suits figures of every step, not occasional ones.
    """
    for logger in trainer.loggers:
        logger.log_metrics(dict(values), step=trainer.global_step)


def gradient_scaler(trainer: L.Trainer) -> Any:
    """Return the gradient scaler of 16-bit mixed precision, or None."""
    return getattr(trainer.precision_plugin, "scaler", None)


def gradient_scale(trainer: L.Trainer) -> float:
    """Return the factor that prevents underflow of half-precision gradients; 1 without a scaler."""
    scaler = gradient_scaler(trainer)
    return 1.0 if scaler is None else float(scaler.get_scale())
