"""What mixed precision asks of code that computes gradients on its own."""

from typing import Any

import lightning as L


def gradient_scale(trainer: L.Trainer) -> float:
    """Return the factor that keeps half-precision gradients from underflow; 1 without a scaler."""
    scaler = gradient_scaler(trainer)
    return 1.0 if scaler is None else float(scaler.get_scale())


def gradient_scaler(trainer: L.Trainer) -> Any:
    """Return the gradient scaler of 16-bit mixed precision, or None."""
    return getattr(trainer.precision_plugin, "scaler", None)
