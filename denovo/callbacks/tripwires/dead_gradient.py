"""A term that asks for something and moves nothing."""

import torch

from denovo.callbacks.tripwires.wire import Sight, Wire

_CAUSES = {
    "precursor": "every error of the batch lies beyond the bound of the clamp; use penalty=log",
    "spectrum": "no expected ion comes near a peak; use a larger width_da",
}
_UNKNOWN_CAUSE = "it is clamped, detached, or behind a softmax without slope"


class DeadGradient(Wire):
    """Fire when a term of positive weight has no gradient at all although its value is not zero.

    The gradient is taken by the logits: what does not get through there gets nowhere, and it costs
    a backward pass through the loss alone.

    Parameters
    ----------
    every_n_steps : int
        Optimizer steps from one check to the next.
    patience : int
        Checks in a row that must find no gradient.
    action : str
        ``warn`` or ``stop``.
    """

    def __init__(self, every_n_steps: int = 10, patience: int = 5, action: str = "warn") -> None:
        super().__init__(action)
        self.every_n_steps, self.patience = every_n_steps, patience
        self._dead: dict[str, int] = {}

    def before_backward(self, sight: Sight) -> str | None:
        """Differentiate each term by the logits."""
        if sight.step % self.every_n_steps or not sight.is_first:
            return None
        dead = [name for name in sight.training.loss.parts if _is_dead(sight, name)]
        self._dead = {name: self._dead.get(name, 0) + 1 for name in dead}
        for name, count in self._dead.items():
            if count >= self.patience:
                return (
                    f"the gradient of the {name} loss is exactly zero, at {count} checks in a row "
                    f"up to step {sight.step}, while its value is {sight.values[name]:.6g}: "
                    f"{_CAUSES.get(name, _UNKNOWN_CAUSE)}"
                )
        return None


def _is_dead(sight: Sight, name: str) -> bool:
    if sight.values[name] == 0:
        return False
    part = sight.training.loss.parts[name] * sight.gradient_scale
    if not part.requires_grad:
        return True
    logits = sight.training.logits
    (gradient,) = torch.autograd.grad(part, logits, retain_graph=True, allow_unused=True)
    return gradient is None or not bool(gradient.any())
