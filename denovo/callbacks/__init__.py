"""Callbacks: what happens around training steps."""

from denovo.callbacks.checkpoint_io import AtomicCheckpointIO
from denovo.callbacks.curriculum import CurriculumCallback, apply_stage
from denovo.callbacks.examples import ExampleSpectra
from denovo.callbacks.history import StageHistory
from denovo.callbacks.ledger import GradientLedger
from denovo.callbacks.pace import Pace
from denovo.callbacks.stop_at import StopAt
from denovo.callbacks.tripwires import Tripwires

__all__ = [
    "AtomicCheckpointIO",
    "CurriculumCallback",
    "ExampleSpectra",
    "GradientLedger",
    "Pace",
    "StageHistory",
    "StopAt",
    "Tripwires",
    "apply_stage",
]
