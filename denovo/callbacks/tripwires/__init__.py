"""Tripwires: what is surely wrong with a training, found while it can still be helped."""

from denovo.callbacks.tripwires.callback import Tripwires
from denovo.callbacks.tripwires.dead_gradient import DeadGradient
from denovo.callbacks.tripwires.frozen_loss import FrozenLoss
from denovo.callbacks.tripwires.idle_curriculum import IdleCurriculum
from denovo.callbacks.tripwires.not_finite import NotFiniteGradient, NotFiniteLoss
from denovo.callbacks.tripwires.too_good import TooGood
from denovo.callbacks.tripwires.wire import Sight, Wire

__all__ = [
    "DeadGradient",
    "FrozenLoss",
    "IdleCurriculum",
    "NotFiniteGradient",
    "NotFiniteLoss",
    "Sight",
    "TooGood",
    "Tripwires",
    "Wire",
]
