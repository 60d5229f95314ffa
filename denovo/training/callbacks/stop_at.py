"""End a training in the midst of its schedule, so that others can go on from there."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback


class StopAt(Callback):
    """Save a checkpoint after a step and stop, with the schedule laid out for the whole training.

    Parameters
    ----------
    step : int
        Optimizer steps to take, at least 1.
    path : str or Path
        The checkpoint to write.

    Attributes
    ----------
    has_stopped : bool
        Whether the training ended here, before its time and on purpose.
    """

    def __init__(self, step: int, path: str | Path) -> None:
        assert step >= 1, f"step must be >= 1, got {step}"
        self.step, self.path = step, Path(path)
        self.has_stopped = False

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Save and stop once the step is reached."""
        if trainer.global_step == self.step and not trainer.should_stop:
            trainer.save_checkpoint(self.path, weights_only=False)
            trainer.should_stop = self.has_stopped = True
