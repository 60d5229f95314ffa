"""Callbacks of a training."""

from denovo.training.callbacks.assembly import assemble
from denovo.training.callbacks.checkpoints import AtomicCheckpointIO, BestCheckpoint, StopAt
from denovo.training.callbacks.curriculum import CurriculumCallback, apply_stage
from denovo.training.callbacks.examples import ExampleSpectra
from denovo.training.callbacks.gradient_shares import GradientShares
from denovo.training.callbacks.history import StageHistory
from denovo.training.callbacks.last_checkpoint import LAST, LastCheckpoint
from denovo.training.callbacks.metrics_file import MetricsFile
from denovo.training.callbacks.pace import Pace
from denovo.training.callbacks.progress import TrainingProgress
from denovo.training.callbacks.trainer import callbacks_of

__all__ = [
    "LAST",
    "AtomicCheckpointIO",
    "BestCheckpoint",
    "CurriculumCallback",
    "ExampleSpectra",
    "GradientShares",
    "LastCheckpoint",
    "MetricsFile",
    "Pace",
    "StageHistory",
    "StopAt",
    "TrainingProgress",
    "apply_stage",
    "assemble",
    "callbacks_of",
]
