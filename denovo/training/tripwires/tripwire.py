"""The base class of tripwires, and the view of a step that they receive."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn

from denovo.errors import InputError
from denovo.training.system import TrainingStep
from denovo.typing import Tensor


@dataclass(frozen=True)
class StepView:
    """Data of a batch between forward and backward pass.

    ``values`` has the unweighted value of each term of positive weight. ``is_first`` is False for
    the batches of an accumulation after the first one. ``gradient_scale`` is the factor on a loss
    before it is differentiated, which prevents underflow of half-precision gradients. All ranks
    must call ``sum_over_ranks`` at the same steps.
    """

    step: int
    training: TrainingStep
    values: Mapping[str, float]
    total: float
    is_first: bool = True
    gradient_scale: float = 1.0
    sum_over_ranks: Callable[[Tensor], Tensor] = torch.clone


class Tripwire:
    """A check at four moments of a training, which returns None or one sentence with the cause.

    Parameters
    ----------
    action : str or None
        Action when it fires, one of `actions`, by default the first: ``warn`` only; ``stop`` the
        run; ``skip`` the update of this step; ``rewind`` to the last good checkpoint and continue
        with other data.

    Raises
    ------
    InputError
        If the wire does not know the action.
    """

    actions: ClassVar[tuple[str, ...]] = ("warn", "stop")

    def __init__(self, action: str | None = None) -> None:
        self.action = self.actions[0] if action is None else action
        if self.action not in self.actions:
            raise InputError(
                f"tripwire {type(self).__name__}: action must be one of {', '.join(self.actions)}, "
                f"got {action!r}"
            )

    def state(self) -> dict[str, Any]:
        """Return the counts of the wire, as plain values and tensors."""
        return {
            name: list(value) if isinstance(value, deque) else value
            for name, value in vars(self).items()
            if name.startswith("_")
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the result of `state`."""
        for name, value in state.items():
            own = getattr(self, name)
            setattr(self, name, deque(value, own.maxlen) if isinstance(own, deque) else value)

    def before_backward(self, view: StepView) -> str | None:
        """Check a batch after its loss is computed."""

    def before_update(self, step: int, parameters: Sequence[nn.Parameter]) -> str | None:
        """Check the gradients before the update."""

    def after_validation(self, step: int, figures: Mapping[str, float]) -> str | None:
        """Check the figures of a validation."""

    def at_end(self, n_steps: int) -> str | None:
        """Check a training that ended without a fault, at its last step or earlier."""
