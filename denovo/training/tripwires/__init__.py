"""Tripwires: checks that detect faults of a training while it runs."""

from denovo.training.tripwires.callback import Tripwires
from denovo.training.tripwires.dead_gradient import DeadGradient, FrozenLoss
from denovo.training.tripwires.idle_curriculum import IdleCurriculum
from denovo.training.tripwires.not_finite import NotFiniteGradient, NotFiniteLoss
from denovo.training.tripwires.too_good import TooGood
from denovo.training.tripwires.tripwire import StepView, Tripwire

__all__ = [
    "DeadGradient",
    "FrozenLoss",
    "IdleCurriculum",
    "NotFiniteGradient",
    "NotFiniteLoss",
    "StepView",
    "TooGood",
    "Tripwire",
    "Tripwires",
]
