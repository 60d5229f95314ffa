"""Tripwires: checks that detect faults of a training while it runs."""

from denovo.training.tripwires.callback import Tripwires
from denovo.training.tripwires.tripwire import StepView, Tripwire
from denovo.training.tripwires.wires import (
    DeadGradient,
    FrozenLoss,
    IdleCurriculum,
    NotFiniteGradient,
    NotFiniteLoss,
    TooGood,
)

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
