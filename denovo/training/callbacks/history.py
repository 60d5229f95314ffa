"""Record the figures of training and validation by stage."""

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback

from denovo.curriculum import Curriculum
from denovo.reports.figures_logged import ERROR_FIGURES, FIGURES, PRECURSOR_LOSS, Place

_IN_TABLE = (figure.name for figure in FIGURES if Place.STAGES in figure.places)
_FIGURES = tuple(dict.fromkeys([*_IN_TABLE, *ERROR_FIGURES]))
_TRAINING = [name for name in _FIGURES if name.startswith("train/")]
_VALIDATION = [name for name in _FIGURES if not name.startswith("train/")]


class StageHistory(Callback):
    """Keep, for each stage, the training figures of its steps and its last validation.

    It reads the training figures at every n-th step only, because reading costs time.
    """

    def __init__(self, curriculum: Curriculum, every_n_steps: int = 10) -> None:
        self.curriculum, self.every_n_steps = curriculum, every_n_steps
        self._stages: dict[int, dict[str, Any]] = {}

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per stage seen: ``stage``, ``name``, ``end_step`` and the figures.

        These are the last validation figures and the means of the training figures over the last
        tenth of the stage; ``precursor_loss_first`` is the precursor loss over the first tenth.
        """
        rows = []
        for number, kept in sorted(self._stages.items()):
            row = {"stage": number, "name": kept["name"], "end_step": kept["end_step"]}
            for name, values in kept["training"].items():
                tenth = max(len(values) // 10, 1)
                row[name] = sum(values[-tenth:]) / tenth
                if name == PRECURSOR_LOSS:
                    row["precursor_loss_first"] = sum(values[:tenth]) / tenth
            rows.append(row | kept["validation"])
        return rows

    def _stage(self, step: int) -> dict[str, Any]:
        stage = self.curriculum.stage_at(max(step - 1, 0))
        empty = {"name": stage.name, "end_step": 0, "training": {}, "validation": {}}
        return self._stages.setdefault(stage.number, empty)

    def on_train_batch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Record the training figures at the end of a step, which may have several batches."""
        if (batch_idx + 1) % trainer.accumulate_grad_batches:
            return
        kept = self._stage(trainer.global_step)
        kept["end_step"] = trainer.global_step
        if trainer.global_step % self.every_n_steps:
            return
        for name in _TRAINING:
            if name in trainer.callback_metrics:
                value = float(trainer.callback_metrics[name])
                kept["training"].setdefault(name, []).append(value)

    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Record the validation figures of the stage that has just been trained."""
        if trainer.sanity_checking:
            return
        metrics = trainer.callback_metrics
        figures = {name: float(metrics[name]) for name in _VALIDATION if name in metrics}
        self._stage(trainer.global_step)["validation"] = figures

    def state_dict(self) -> dict[str, Any]:
        """Return the stages for a resumed run."""
        return {"stages": self._stages}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the result of `state_dict`."""
        self._stages = {int(number): kept for number, kept in state_dict["stages"].items()}
