"""A curriculum that is planned and not followed."""

from collections.abc import Mapping

from denovo.callbacks.tripwires.wire import Sight, Wire
from denovo.curriculum import Curriculum


class IdleCurriculum(Wire):
    """Fire when a loss was computed with other weights than the stage of its step has.

    It also fires when a training took all its steps and never left the first of several stages.

    Parameters
    ----------
    curriculum : Curriculum
        What is planned.
    action : str
        ``warn`` or ``stop``. At the end of a training there is nothing left to stop.
    """

    def __init__(self, curriculum: Curriculum, action: str = "stop") -> None:
        super().__init__(action)
        self.curriculum = curriculum

    def before_backward(self, sight: Sight) -> str | None:
        """Compare the weights that were applied with those of the stage."""
        stage, applied = self.curriculum.stage_at(sight.step), sight.training.loss.weights
        if stage.weights == applied:
            return None
        return (
            f"step {sight.step} belongs to stage {stage.number}, {stage.name}, with the weights "
            f"{_text(stage.weights)}, but the loss applies {_text(applied)}: the curriculum does "
            "not advance; CurriculumCallback must be among the callbacks, and nothing else may set "
            "weights"
        )

    def at_end(self, n_steps: int) -> str | None:
        """Ask whether there was more than the first stage."""
        boundaries = self.curriculum.boundaries
        if not boundaries or n_steps > boundaries[0]:
            return None
        return (
            f"training ended after {n_steps} steps, but stage 2 of the curriculum starts at step "
            f"{boundaries[0]}: it never advanced; train longer, or lower scale.steps_per_stage"
        )


def _text(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
