"""The checkpoint of the last step, and the end of a training between two steps after a signal."""

import signal
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback

from denovo.errors import InputError, Stopped
from denovo.training.callbacks.metrics_file import Continued
from denovo.training.signals import watch
from denovo.training.system import SequencerTraining

LAST = "last.ckpt"


class LastCheckpoint(Callback):
    """Write ``last.ckpt`` between two steps; a resumed run equals an uninterrupted one.

    It is written every ``every_n_train_steps`` steps, before and after each validation, at the end,
    and when a signal ends the training (see `SignalWatch`). It represents a complete step with its
    logging and, unless it is marked as pending, its validation. A run that continues does the
    pending validation first. The trainer needs this callback before all others: what they do at the
    start of a step belongs to that step.

    Parameters
    ----------
    dirpath : str or Path
        Folder of the checkpoint; an address with a scheme, for example ``s3://``, is left to
        fsspec.
    every_n_train_steps : int
        Optimizer steps from one checkpoint to the next, at least 1.

    Attributes
    ----------
    path : str
        Path of the checkpoint.
    metrics : dict of str to float
        The last logged values up to the checkpoint.

    Raises
    ------
    InputError
        If ``every_n_train_steps`` is less than 1.
    """

    def __init__(self, dirpath: str | Path, every_n_train_steps: int = 100) -> None:
        if every_n_train_steps < 1:
            raise InputError(
                f"callbacks.last.every_n_train_steps must be at least 1, got {every_n_train_steps}"
            )
        self.path = f"{str(dirpath).rstrip('/')}/{LAST}"
        self.every_n_train_steps = every_n_train_steps
        self.metrics: dict[str, float] = {}
        self._saved_step = 0
        self._is_pending = self._is_due = self._is_at_end = False
        self._positions: dict[str, int] = {}
        self._by_length: dict[str, Any] = {}

    def on_load_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Set the loops between two steps, wherever in a step the checkpoint was written."""
        step, accumulate = checkpoint["global_step"], trainer.accumulate_grad_batches
        loops = checkpoint["loops"]["fit_loop"]
        every = trainer.val_check_interval
        if isinstance(every, float):
            every = max(int(every * trainer.max_steps * accumulate), 1)
        is_validated = step * accumulate % every == 0
        _set_between_steps(loops, step, step * accumulate, is_validated)
        if self.state_key not in checkpoint.get("callbacks", {}):
            # Written without this callback, therefore before the validation of its step.
            self._is_pending = is_validated
        self._is_at_end = step >= trainer.max_steps
        if self._is_at_end:
            # Lightning skips a fit without remaining steps, and everything after the last one.
            progress = loops["epoch_loop.automatic_optimization.optim_progress"]
            progress["optimizer"]["step"]["total"]["completed"] -= 1

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the result of `state_dict`."""
        self.metrics, self._positions = state_dict["metrics"], state_dict["positions"]
        self._is_pending, self._by_length = state_dict["pending"], state_dict["by_length"]

    def state_dict(self) -> dict[str, Any]:
        """Return the logged values, and whether a validation is pending."""
        return {
            "metrics": self.metrics,
            "positions": self._positions,
            "pending": self._is_pending,
            "by_length": self._by_length,
        }

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Restore the logs of the checkpoint, and run a pending validation."""
        assert isinstance(pl_module, SequencerTraining)
        watch.hold(f"the last checkpoint is {self.path}")
        pl_module.by_length |= self._by_length
        loop = trainer.fit_loop.epoch_loop
        if self._is_at_end:
            loop.automatic_optimization.optim_progress.optimizer.step.total.completed += 1
        if trainer.ckpt_path and str(trainer.ckpt_path).startswith(self.path.removesuffix(LAST)):
            self._go_on_logging(trainer)
        if self._is_pending:
            _validate(trainer)
        if self._is_at_end:
            # The loops, which would count the epoch and its last step, no longer run.
            loop._batches_that_stepped = trainer.global_step
            trainer.fit_loop.epoch_progress.increment_processed()
            trainer.fit_loop.epoch_progress.increment_completed()

    def _go_on_logging(self, trainer: L.Trainer) -> None:
        for logger in trainer.loggers:
            position = self._positions.get(type(logger).__name__)
            if isinstance(logger, Continued) and position is not None and trainer.is_global_zero:
                logger.go_on_from(position)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Save the previous step if it is due, and end the training after a signal."""
        if batch_idx % trainer.accumulate_grad_batches:
            return
        is_asked = _is_asked(trainer)
        is_time = trainer.global_step % self.every_n_train_steps == 0
        if self._is_due or ((is_time or is_asked) and trainer.global_step != self._saved_step):
            self._save(trainer)
        if is_asked:
            self._stop()

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save the step, so that an end during a long validation costs none."""
        if trainer.state.fn == "fit" and not self._is_pending:
            self._is_pending = True
            self._save(trainer)

    def on_validation_batch_end(self, trainer: L.Trainer, *args: Any, **kwargs: Any) -> None:
        """Stop a validation after a signal; with several ranks it continues, as they may differ."""
        if watch.asked is not None and trainer.state.fn == "fit" and trainer.world_size == 1:
            self._stop()

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Note that the validation is done; the next save includes the best checkpoint."""
        if trainer.state.fn == "fit":
            self._is_pending, self._is_due = False, True
            self._keep_logged(trainer)

    def on_train_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save the last step, and stop if a signal has come."""
        self._save(trainer)
        if _is_asked(trainer):
            self._stop()
        watch.release()

    def on_exception(
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        """End the wait of signals for the next step."""
        watch.release()

    def _stop(self) -> None:
        watch.release()
        # Where another rank was asked, this one does not know by which signal.
        raise Stopped(signal.SIGTERM if watch.asked is None else watch.asked)

    def _keep_logged(self, trainer: L.Trainer) -> None:
        assert isinstance(trainer.lightning_module, SequencerTraining)
        self._by_length = dict(trainer.lightning_module.by_length)
        self.metrics |= {name: float(value) for name, value in trainer.callback_metrics.items()}
        if trainer.is_global_zero:
            loggers = [logger for logger in trainer.loggers if isinstance(logger, Continued)]
            self._positions = {type(logger).__name__: logger.position() for logger in loggers}

    def _save(self, trainer: L.Trainer) -> None:
        self._keep_logged(trainer)
        self._saved_step, self._is_due = trainer.global_step, False
        trainer.save_checkpoint(self.path, weights_only=False)


def _set_between_steps(
    loops: dict[str, Any], step: int, n_batches: int, is_validated: bool
) -> None:
    """Mark all batches of the completed steps as done, and the epoch as begun."""
    batches, logged = loops["epoch_loop.batch_progress"], loops["epoch_loop.state_dict"]
    for span in ("total", "current"):
        batches[span] |= dict.fromkeys(batches[span], n_batches)
        loops["epoch_progress"][span] |= {"ready": 1, "started": 1, "processed": 0, "completed": 0}
    batches["is_last_batch"] = False
    # If a validation belongs to the step, Lightning passes again and counts the step then.
    logged["_batches_that_stepped"] = step - is_validated


def _validate(trainer: L.Trainer) -> None:
    """Validate as the loop over the steps does after a step."""
    loop = trainer.fit_loop.epoch_loop.val_loop
    loop.restarting = False
    trainer.validating = True
    loop.run()
    trainer.training = True


def _is_asked(trainer: L.Trainer) -> bool:
    """Return whether a signal has come to any of the ranks."""
    return trainer.strategy.reduce_boolean_decision(watch.asked is not None, all=False)
