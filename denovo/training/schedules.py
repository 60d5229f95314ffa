"""Learning rate schedules, as functions of the optimizer step."""

import math
from functools import partial

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def warmup_cosine(
    optimizer: Optimizer, total_steps: int, warmup_fraction: float = 0.05, final: float = 1e-3
) -> LambdaLR:
    """Raise the learning rate linearly, then lower it along a cosine.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate is the highest one.
    total_steps : int
        Steps of the whole training.
    warmup_fraction : float
        Share of the steps in which the rate rises; the number of these steps may be 0.
    final : float
        Last learning rate, relative to the highest.

    Returns
    -------
    LambdaLR
        Advanced once per optimizer step.
    """
    factor = partial(
        _factor, warmup=int(total_steps * warmup_fraction), total=total_steps, final=final
    )
    return LambdaLR(optimizer, factor)


def _factor(step: int, warmup: int, total: int, final: float) -> float:
    if step < warmup:
        return (step + 1) / (warmup + 1)
    progress = min((step - warmup) / max(total - warmup, 1), 1.0)
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress))
