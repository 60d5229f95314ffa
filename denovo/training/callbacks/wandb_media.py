"""Pictures, tables, gradients and best figures of a run in W&B."""

import secrets
from io import BytesIO
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
import wandb
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from PIL import Image

from denovo.errors import best_effort
from denovo.io import write_text
from denovo.reports.figures.gallery import (
    Picture,
    curve_pictures,
    encode,
    example_picture,
    refinement_picture,
)
from denovo.reports.figures_logged import FIGURES, STEP
from denovo.reports.runs import EXAMPLE_HEADINGS, Run, read_examples
from denovo.reports.runs.run import METRICS
from denovo.training.callbacks.history import StageHistory
from denovo.training.callbacks.trainer import callbacks_of
from denovo.training.system import SequencerTraining

RUN_ID = Path("wandb") / "id.txt"
"""File with the id of the W&B run, in the folder of a run."""


class WandbRun(WandbLogger):
    """A `WandbLogger` that keeps its id in the folder, so that a resumed run stays one run.

    ``save_dir`` is the folder of the run; ``settings`` are those of `WandbLogger`.
    """

    def __init__(self, save_dir: str | Path, **settings: Any) -> None:
        kept = Path(save_dir) / RUN_ID
        chosen = settings.pop("version", None) or settings.pop("id", None)
        if chosen is None:
            chosen = kept.read_text().strip() if kept.is_file() else secrets.token_hex(4)
        super().__init__(save_dir=save_dir, version=chosen, **settings)
        # W&B warns of every value of this argument, and Lightning always gives it.
        self._wandb_init.pop("anonymous", None)
        is_first = rank_zero_only.rank == 0  # pyright: ignore[reportFunctionMemberAccess]
        if is_first and not kept.is_file():
            write_text(kept, f"{chosen}\n")

    def position(self) -> int:
        """Return the number of rows in the history."""
        return self.experiment.step

    def go_on_from(self, position: int) -> None:
        """Count further rows from here on: without a connection W&B would begin with 0."""
        self.experiment.log({}, step=position)


class WandbMedia(Callback):
    """Send pictures, examples, the table of stages and gradients to W&B.

    They are sent after each validation, and when training ends for any reason; a histogram of the
    gradient of each part of the network, before it is clipped, at regular steps. Without a
    `WandbLogger` it does nothing. A picture that cannot be drawn does not fail the run: one line in
    the log states the cause. The pictures are those of ``report.html``, drawn from the files in the
    run folder.

    Parameters
    ----------
    run_dir : str or Path
        Folder of the run, where ``metrics/metrics.csv``, ``config.yaml`` and ``examples.json`` lie.
    gradients_every_n_steps : int
        Optimizer steps from one histogram to the next.
    """

    def __init__(self, run_dir: str | Path, gradients_every_n_steps: int = 100) -> None:
        self.run_dir, self.gradients_every_n_steps = Path(run_dir), gradients_every_n_steps

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Define the step, and the figures of which W&B keeps the best and the last value."""
        for logger in _wandb_loggers(trainer):
            for figure in FIGURES:
                if figure.best:
                    logger.experiment.define_metric(
                        figure.name, step_metric=STEP, step_sync=True, summary=f"{figure.best},last"
                    )

    def on_before_optimizer_step(
        self, trainer: L.Trainer, pl_module: L.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Send the histograms of the gradients."""
        loggers = _wandb_loggers(trainer)
        is_due = trainer.global_step % self.gradients_every_n_steps == 0
        if loggers and is_due and trainer.is_global_zero:
            assert isinstance(pl_module, SequencerTraining)
            found = _gradients(pl_module.sequencer) | {STEP: trainer.global_step}
            for logger in loggers:
                logger.experiment.log(found)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Send the media up to this step; those of the last step are sent by `on_fit_end`."""
        is_in_training = trainer.state.fn == "fit" and not trainer.sanity_checking
        is_last = trainer.global_step >= trainer.max_steps
        if is_in_training and not is_last and trainer.is_global_zero and _wandb_loggers(trainer):
            self._send(trainer)

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Send everything, and the best score for the table of runs."""
        loggers = _wandb_loggers(trainer)
        if not loggers or not trainer.is_global_zero:
            return
        self._send(trainer)
        best = trainer.checkpoint_callback
        if isinstance(best, ModelCheckpoint) and best.best_model_score is not None:
            for logger in loggers:
                logger.experiment.summary["best"] = float(best.best_model_score)

    def on_exception(
        self, trainer: L.Trainer, pl_module: L.LightningModule, exception: BaseException
    ) -> None:
        """Send the media of a training that fails or is stopped."""
        if trainer.state.fn == "fit" and trainer.is_global_zero and _wandb_loggers(trainer):
            self._send(trainer)

    def _send(self, trainer: L.Trainer) -> None:
        for logger in trainer.loggers:
            logger.save()  # the pictures are drawn from what is on disk
        if not (self.run_dir / METRICS).is_file():
            return  # no row is written yet
        with best_effort("media for W&B"):
            media = self._media() | _stages(trainer)
            for logger in _wandb_loggers(trainer):
                logger.experiment.log(media | {STEP: trainer.global_step})

    def on_test_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Add the recall of the test to the table of runs."""
        tested = trainer.callback_metrics.get("test/peptide_recall")
        if tested is not None and trainer.is_global_zero:
            for logger in _wandb_loggers(trainer):
                logger.experiment.summary["test"] = float(tested)

    def _media(self) -> dict[str, Any]:
        run, examples = Run.load(self.run_dir), read_examples(self.run_dir).examples
        media: dict[str, Any] = {
            f"media/{picture.name}": _image(picture) for picture in curve_pictures(run)
        }
        if examples:
            rows: list[Any] = [list(example.row) for example in examples]
            media["media/examples"] = wandb.Table(list(EXAMPLE_HEADINGS), rows)
            media["media/spectra"] = [_image(example_picture(example)) for example in examples]
        trace = next((p for p in map(refinement_picture, examples) if p is not None), None)
        if trace is not None:
            media["media/refinement"] = _image(trace)
        return media


def _wandb_loggers(trainer: L.Trainer) -> list[WandbLogger]:
    return [logger for logger in trainer.loggers if isinstance(logger, WandbLogger)]


def _gradients(sequencer: torch.nn.Module) -> dict[str, Any]:
    """Return the histogram of the gradients of each part of a network, by logged name."""
    found = {}
    for name, part in sequencer.named_children():
        given = [p.grad.flatten() for p in part.parameters() if p.grad is not None]
        values = torch.cat(given).double().cpu().numpy() if given else np.zeros(0)
        # W&B refuses a histogram of values that are not finite.
        if len(values) and np.isfinite(values).all():
            found[f"gradients/of_{name}"] = wandb.Histogram(np_histogram=np.histogram(values, 64))
    return found


def _image(picture: Picture) -> wandb.Image:
    return wandb.Image(Image.open(BytesIO(encode(picture.figure, "png"))), caption=picture.caption)


def _stages(trainer: L.Trainer) -> dict[str, wandb.Table]:
    rows = [row for history in callbacks_of(trainer, StageHistory) for row in history.rows()]
    if not rows:
        return {}
    columns: list[str | int] = list(dict.fromkeys(key for row in rows for key in row))
    data: list[Any] = [[row.get(str(column)) for column in columns] for row in rows]
    return {"media/stages": wandb.Table(columns=columns, data=data)}
