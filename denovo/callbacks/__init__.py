"""Callbacks: what happens around training steps."""

from denovo.callbacks.best_checkpoint import BestCheckpoint
from denovo.callbacks.checkpoint_io import AtomicCheckpointIO
from denovo.callbacks.curriculum import CurriculumCallback, apply_stage
from denovo.callbacks.examples import ExampleSpectra
from denovo.callbacks.history import StageHistory
from denovo.callbacks.last_checkpoint import LAST, LastCheckpoint
from denovo.callbacks.ledger import GradientLedger
from denovo.callbacks.metrics_file import MetricsFile
from denovo.callbacks.pace import Pace
from denovo.callbacks.stop_at import StopAt
from denovo.callbacks.tripwires import Tripwires

__all__ = [
    "LAST",
    "AtomicCheckpointIO",
    "BestCheckpoint",
    "CurriculumCallback",
    "ExampleSpectra",
    "GradientLedger",
    "LastCheckpoint",
    "MetricsFile",
    "Pace",
    "StageHistory",
    "StopAt",
    "Tripwires",
    "apply_stage",
]
