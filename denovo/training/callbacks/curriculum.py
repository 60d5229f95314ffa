"""Apply the curriculum to a running training: the only code that changes weights and widths."""

import logging

import lightning as L
from lightning.pytorch.callbacks import Callback

from denovo.curriculum import Curriculum, Stage
from denovo.losses import CompositeLoss
from denovo.training.system import SequencerTraining

log = logging.getLogger(__name__)


def apply_stage(loss: CompositeLoss, stage: Stage) -> None:
    """Give a loss the weights and the width of a stage.

    Raises
    ------
    InputError
        If the loss has other terms than the stage.
    """
    if stage.weights != loss.weights:
        loss.set_weights(stage.weights)
    loss.set_spectrum_width(stage.spectrum_width_da)


class CurriculumCallback(Callback):
    """Set the loss weights and the width of the stage of every step, and log them.

    Keeps no state: after a resume the step alone says which stage it is. Lengths and noise reach
    the data the same way, through `SequencingData`.

    Parameters
    ----------
    curriculum : Curriculum
        The stages.
    """

    def __init__(self, curriculum: Curriculum) -> None:
        self.curriculum = curriculum
        # What is the same at every step stands in the settings, and would be a flat line.
        self._changing = curriculum.changing_noise
        self._announced = 0

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Apply the stage that training starts in, or goes on in."""
        self._apply(trainer, pl_module)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: object, batch_idx: int
    ) -> None:
        """Look the stage of this step up and apply it."""
        stage = self._apply(trainer, pl_module)
        if stage.number != self._announced:
            self._announced = stage.number
            weights = ", ".join(f"{name} {weight:g}" for name, weight in stage.weights.items())
            log.info(
                "step %d: stage %d, %s (%s)", trainer.global_step, stage.number, stage.name, weights
            )
        values = {"curriculum/stage": float(stage.number)}
        values |= {f"curriculum/weight_{name}": w for name, w in stage.weights.items()}
        values |= {f"curriculum/{name}": getattr(stage.noise, name) for name in self._changing}
        values |= {"curriculum/max_length": float(stage.max_length)}
        if stage.spectrum_width_da is not None:
            values["curriculum/spectrum_width_da"] = stage.spectrum_width_da
        pl_module.log_dict(values)

    def _apply(self, trainer: L.Trainer, pl_module: L.LightningModule) -> Stage:
        assert isinstance(pl_module, SequencerTraining)
        stage = self.curriculum.stage_at(trainer.global_step)
        apply_stage(pl_module.loss, stage)
        return stage
