"""Callbacks: what happens around training steps."""

from denovo.callbacks.curriculum import CurriculumCallback
from denovo.callbacks.history import StageHistory
from denovo.callbacks.pace import Pace

__all__ = ["CurriculumCallback", "Pace", "StageHistory"]
