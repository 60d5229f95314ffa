"""Progress of a training: a bar on a terminal, lines of the log elsewhere."""

import logging
import time
from datetime import timedelta
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import RichProgressBar
from rich.console import Console

from denovo.reports.figures_logged import RECALL, TRAINING_ERROR
from denovo.reports.table import text_of

log = logging.getLogger(__name__)

_LOSS, _TERM = "train/loss", "train/loss_"


class TrainingProgress(RichProgressBar):
    """Show a progress bar on a terminal, and log a line at intervals elsewhere.

    A file or a pipe would receive the bar once, when it is over. A line has the step, the rate and
    the time left, validation included, and the losses of the last step.

    Parameters
    ----------
    refresh_rate : int
        Updates of the bar per second.
    every_s : float
        Seconds between two lines. The first one comes after a fifth of it.
    """

    def __init__(self, refresh_rate: int = 10, every_s: float = 30.0) -> None:
        super().__init__(refresh_rate)
        self.every_s = every_s
        self._first_step, self._start, self._next = 0, 0.0, 0.0

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Switch the bar off where there is no terminal."""
        super().setup(trainer, pl_module, stage)
        if not Console().is_terminal:
            self.disable()

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the clock, and the bar."""
        super().on_train_start(trainer, pl_module)
        self._first_step, self._start = trainer.global_step, time.perf_counter()
        self._next = self._start + self.every_s / 5

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Update the bar, or log a line if it is time or the last step."""
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)
        if self.is_enabled or not trainer.is_global_zero:
            return
        now, is_last = time.perf_counter(), trainer.global_step == trainer.max_steps
        if now >= self._next or is_last:
            self._next = now + self.every_s
            log.info("%s", self._line(trainer, now - self._start))

    def _line(self, trainer: L.Trainer, seconds: float) -> str:
        step, n_steps = trainer.global_step, trainer.max_steps
        rate = (step - self._first_step) / seconds if seconds else 0.0
        parts = [f"step {step:,} of {n_steps:,}", f"{rate:.3g} steps/s"]
        if step < n_steps and rate:
            parts.append(f"{timedelta(seconds=round((n_steps - step) / rate))} left")
        found = {name: float(value) for name, value in trainer.callback_metrics.items()}
        terms = [
            f"{name.removeprefix(_TERM)} {text_of(value)}"
            for name, value in found.items()
            if name.startswith(_TERM)
        ]
        if _LOSS in found:
            parts.append(f"loss {text_of(found[_LOSS])} ({', '.join(terms)})")
        if TRAINING_ERROR in found:
            parts.append(f"precursor error {text_of(found[TRAINING_ERROR])} ppm")
        if RECALL in found:
            parts.append(f"peptide recall {text_of(found[RECALL])}")
        return ", ".join(parts)

    def _get_train_description(self, current_epoch: int) -> str:
        """Describe the bar: there are no epochs, as spectra get new noise in every batch."""
        return "training"
