"""Trained networks on disk: checkpoints of training and exported networks."""

from denovo.sequencing.networks.building import fragment_tolerance_of
from denovo.sequencing.networks.checkpoint import network_settings, read_checkpoint, vocabulary_of
from denovo.sequencing.networks.exported import measured_files, read_exported, write_exported
from denovo.sequencing.networks.loading import SHIPPED, TrainedModel, load_model, load_sequencer

__all__ = [
    "SHIPPED",
    "TrainedModel",
    "fragment_tolerance_of",
    "load_model",
    "load_sequencer",
    "measured_files",
    "network_settings",
    "read_checkpoint",
    "read_exported",
    "vocabulary_of",
    "write_exported",
]
