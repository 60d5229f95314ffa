"""The only code that changes weights and settings of the loss in training."""

import logging

import lightning as L
from lightning.pytorch.callbacks import Callback

from denovo.curriculum import Curriculum, Stage
from denovo.errors import InputError
from denovo.losses import CompositeLoss
from denovo.training.system import SequencerTraining

log = logging.getLogger(__name__)


def apply_stage(loss: CompositeLoss, stage: Stage) -> None:
    """Set the weights of a loss and the settings of its terms to those of a stage."""
    try:
        if stage.weights != loss.weights:
            loss.set_weights(stage.weights)
        loss.set_settings(stage.terms)
    except InputError as error:
        raise InputError(f"stage {stage.name}: {error}") from None


class CurriculumCallback(Callback):
    """Set the loss weights and the settings of the terms at every step, and log them.

    It keeps no state: after a resume the step alone determines the stage. `SequencingData` looks up
    lengths and noise in the same way.
    """

    def __init__(self, curriculum: Curriculum) -> None:
        self.curriculum = curriculum
        # Constant strengths are in config.yaml already.
        self._changing = curriculum.changing_noise
        self._announced = 0

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Apply the stage of the first step."""
        self._apply(trainer, pl_module)

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: object, batch_idx: int
    ) -> None:
        """Apply the stage of this step."""
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
        for term, settings in stage.terms.items():
            values |= {f"curriculum/{term}_{name}": value for name, value in settings.items()}
        pl_module.log_dict(values)

    def _apply(self, trainer: L.Trainer, pl_module: L.LightningModule) -> Stage:
        assert isinstance(pl_module, SequencerTraining)
        stage = self.curriculum.stage_at(trainer.global_step)
        apply_stage(pl_module.loss, stage)
        return stage
