"""What every tripwire is: something that looks at a training and may say what is wrong."""

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
    """What there is to see between forward and backward pass.

    Parameters
    ----------
    step : int
        Optimizer step that is being taken, from 0.
    training : TrainingStep
        Batch, logits and loss, with their graph.
    values : mapping of str to float
        Unweighted value of each term of positive weight.
    total : float
        The loss.
    is_first : bool
        Whether it is the first batch of its step: of accumulated batches, one speaks for all.
    gradient_scale : float
        What to multiply a loss by before it is differentiated, so that half-precision gradients do
        not underflow; 1 in full precision.
    sum_over_ranks : callable
        Adds a tensor up over all ranks. All of them must call it, and at the same steps.
    """

    step: int
    training: TrainingStep
    values: Mapping[str, float]
    total: float
    is_first: bool = True
    gradient_scale: float = 1.0
    sum_over_ranks: Callable[[Tensor], Tensor] = torch.clone


class Tripwire:
    """A tripwire: asked at four moments, it returns None or one sentence that names the cause.

    Parameters
    ----------
    action : str
        What to do when it fires, one of `actions`: ``warn`` and go on; ``stop`` the run; ``skip``
        the update of this step; ``rewind`` to the last good checkpoint and go on with other data.

    Raises
    ------
    InputError
        If the wire does not know the action.
    """

    actions: ClassVar[tuple[str, ...]] = ("warn", "stop")

    def __init__(self, action: str = "warn") -> None:
        if action not in self.actions:
            raise InputError(
                f"tripwire {type(self).__name__}: action must be one of {', '.join(self.actions)}, "
                f"got {action!r}"
            )
        self.action = action

    def state(self) -> dict[str, Any]:
        """Return what the wire has counted, as plain values and tensors."""
        return {
            name: list(value) if isinstance(value, deque) else value
            for name, value in vars(self).items()
            if name.startswith("_")
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on counting from what `state` returned."""
        for name, value in state.items():
            own = getattr(self, name)
            setattr(self, name, deque(value, own.maxlen) if isinstance(own, deque) else value)

    def before_backward(self, view: StepView) -> str | None:
        """Look at a batch whose loss has been computed."""

    def before_update(self, step: int, parameters: Sequence[nn.Parameter]) -> str | None:
        """Look at the gradients that are about to be applied."""

    def after_validation(self, step: int, figures: Mapping[str, float]) -> str | None:
        """Look at what a validation found."""

    def at_end(self, n_steps: int) -> str | None:
        """Look back on a training that ended by itself, be it at its last step or sooner."""
