"""`IdleCurriculum`: fires when the loss does not follow the curriculum."""

from collections.abc import Mapping

from denovo.curriculum import Curriculum
from denovo.training.tripwires.tripwire import StepView, Tripwire


class IdleCurriculum(Tripwire):
    """Fire when a loss was computed with other weights or settings than those of its step.

    It also fires when a training ends in the first of several stages, for any reason but a fault:
    after its last step, or by ``trainer.max_time``.

    Parameters
    ----------
    curriculum : Curriculum
        The planned stages.
    action : str
        ``warn`` or ``stop``. At the end of a training it only warns.
    """

    def __init__(self, curriculum: Curriculum, action: str = "stop") -> None:
        super().__init__(action)
        self.curriculum = curriculum

    def before_backward(self, view: StepView) -> str | None:
        """Compare the weights and settings of the loss with those that the stage sets."""
        stage, loss = self.curriculum.stage_at(view.step), view.training.loss
        planned, applied, what = stage.weights, loss.weights, "weights"
        if planned == applied:
            planned = _flat(stage.terms)
            applied = {key: v for key, v in _flat(loss.settings).items() if key in planned}
            what = "settings of terms"
        if planned == applied:
            return None
        return (
            f"step {view.step} belongs to stage {stage.number}, {stage.name}, with the {what} "
            f"{_text(planned)}, but the loss applies {_text(applied)}: the curriculum does not "
            "advance; CurriculumCallback must be among the callbacks, and nothing else may set "
            "weights or settings of terms"
        )

    def at_end(self, n_steps: int) -> str | None:
        """Check that a training with several stages left the first one."""
        boundaries = self.curriculum.boundaries
        if not boundaries or n_steps > boundaries[0]:
            return None
        return (
            f"training ended after {n_steps} steps, but stage 2 of the curriculum starts at step "
            f"{boundaries[0]}: it never advanced; train longer, or lower size.steps_per_stage"
        )


def _flat(terms: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"{term}.{name}": value for term, given in terms.items() for name, value in given.items()
    }


def _text(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values.items())
