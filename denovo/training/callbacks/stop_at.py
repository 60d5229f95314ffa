"""A stop in the middle of a schedule, from which other trainings continue."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback


class StopAt(Callback):
    """Save a checkpoint to ``path`` after ``step`` optimizer steps (at least 1), and stop.

    The learning rate schedule is that of the whole training. ``has_stopped`` is True if the
    training ended here.
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
        """Save and stop when the step is reached."""
        if trainer.global_step == self.step and not trainer.should_stop:
            trainer.save_checkpoint(self.path, weights_only=False)
            trainer.should_stop = self.has_stopped = True
