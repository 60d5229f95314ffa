"""The speed of a training."""

import time
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback


class Pace(Callback):
    """Count spectra and seconds of the training steps, without validation.

    A resumed run adds to the counts of the interrupted one.
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
        """Start the clock, unless it still runs since the previous step."""
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
        """Add the batch, and the time since the end of the previous one, loading included."""
        now = time.perf_counter()
        self.seconds += now - (self._since if self._since is not None else now)
        self._since = now
        self.n_spectra += len(batch) * trainer.world_size
        pl_module.log("train/spectra_per_second", self.spectra_per_second)

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Stop the clock."""
        self._since = None

    def state_dict(self) -> dict[str, Any]:
        """Return the counts for a resumed run."""
        return {"seconds": self.seconds, "n_spectra": self.n_spectra}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the result of `state_dict`."""
        self.seconds, self.n_spectra = state_dict["seconds"], state_dict["n_spectra"]
