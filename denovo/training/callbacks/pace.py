"""Measure how fast training goes."""

import time
from collections.abc import Mapping
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback


class Pace(Callback):
    """Count spectra and seconds spent in training steps, validation left out.

    Survives a resume: seconds and spectra of the interrupted run are added.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.n_spectra = 0
        self._since: float | None = None

    @property
    def spectra_per_second(self) -> float:
        """Spectra trained on per second, of all ranks."""
        return self.n_spectra / self.seconds if self.seconds else 0.0

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Start the clock, unless it runs since the step before."""
        if self._since is None:
            self._since = time.perf_counter()

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Count the batch and the time since the end of the one before, loading included."""
        now = time.perf_counter()
        self.seconds += now - (self._since if self._since is not None else now)
        self._since = now
        self.n_spectra += len(batch) * trainer.world_size
        pl_module.log("train/spectra_per_second", self.spectra_per_second)

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Stop the clock."""
        self._since = None

    def state_dict(self) -> dict[str, Any]:
        """Keep the counts across a resume."""
        return {"seconds": self.seconds, "n_spectra": self.n_spectra}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what `state_dict` kept."""
        self.seconds, self.n_spectra = state_dict["seconds"], state_dict["n_spectra"]


def log_now(trainer: L.Trainer, values: Mapping[str, float]) -> None:
    """Hand figures to every logger, under the step that is being taken.

    What goes through ``LightningModule.log`` is written at the next logging interval, and then
    again and again at each one that follows, until a new value replaces it: good for what is known
    at every step, wrong for what is measured now and then.

    Parameters
    ----------
    trainer : Trainer
        In a training step.
    values : mapping of str to float
        Figures by name.
    """
    for logger in trainer.loggers:
        logger.log_metrics(dict(values), step=trainer.global_step)
