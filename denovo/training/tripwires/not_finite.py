"""NaN and infinity, in the loss and in its gradient."""

import math
from collections.abc import Sequence

from torch import nn

from denovo.training.tripwires.tripwire import StepView, Tripwire


class NotFiniteLoss(Tripwire):
    """Fire when the loss, or a term of positive weight, is NaN or infinite.

    Parameters
    ----------
    action : str
        ``stop`` or ``rewind``.
    """

    actions = ("stop", "rewind")

    def __init__(self, action: str = "stop") -> None:
        super().__init__(action)

    def before_backward(self, view: StepView) -> str | None:
        """Name the terms that are not numbers."""
        odd = [name for name, value in view.values.items() if not math.isfinite(value)]
        if not odd and math.isfinite(view.total):
            return None
        if odd:
            what = " and ".join(f"the {name} loss is {view.values[name]}" for name in odd)
        else:
            what = f"every term is finite, but the loss is {view.total}"
        return (
            f"at step {view.step} {what}: a lower learning rate (optimizer.lr) or a smaller "
            "weight of that term keeps training from running away"
        )


class NotFiniteGradient(Tripwire):
    """Fire when a gradient is NaN or infinite, which one update would spread to every weight.

    With 16-bit mixed precision such gradients are part of the search for a scale, and the gradient
    scaler leaves out their updates by itself; the wire is not asked then.

    Parameters
    ----------
    action : str
        ``skip``, ``stop`` or ``rewind``.
    """

    actions = ("skip", "stop", "rewind")

    def __init__(self, action: str = "skip") -> None:
        super().__init__(action)

    def before_update(self, step: int, parameters: Sequence[nn.Parameter]) -> str | None:
        """Measure the length of all gradients together."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        if not gradients or math.isfinite(norm := float(nn.utils.get_total_norm(gradients))):
            return None
        return (
            f"at step {step} the loss is finite, but the length of its gradient is {norm}: look "
            "for a square root, a logarithm or a division at its edge, or lower the learning rate "
            "(optimizer.lr)"
        )
