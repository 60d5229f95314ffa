"""NaN and infinity in the loss and in its gradient."""

import math
from collections.abc import Sequence

from torch import nn

from denovo.training.tripwires.tripwire import StepView, Tripwire


class NotFiniteLoss(Tripwire):
    """Fire when the loss, or a term of positive weight, is NaN or infinite; `stop` or `rewind`."""

    actions = ("stop", "rewind")

    def __init__(self, action: str = "stop") -> None:
        super().__init__(action)

    def before_backward(self, view: StepView) -> str | None:
        """Name the terms that are not finite."""
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
    """Fire when a gradient is NaN or infinite; `skip`, `stop` or `rewind`.

    One update would spread the value to all weights. With 16-bit mixed precision such gradients are
    part of the search for a scale, and the gradient scaler skips their updates; the wire does not
    run then.
    """

    actions = ("skip", "stop", "rewind")

    def __init__(self, action: str = "skip") -> None:
        super().__init__(action)

    def before_update(self, step: int, parameters: Sequence[nn.Parameter]) -> str | None:
        """Compute the norm of all gradients together."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        if not gradients or math.isfinite(norm := float(nn.utils.get_total_norm(gradients))):
            return None
        return (
            f"at step {step} the loss is finite, but the length of its gradient is {norm}: look "
            "for a square root, a logarithm or a division at its edge, or lower the learning rate "
            "(optimizer.lr)"
        )
