"""Trained networks on disk: what training wrote, and what is passed on to others."""

from denovo.checkpoint.exported import read_exported, write_exported
from denovo.checkpoint.loading import TrainedModel, load_model, load_proposer, load_sequencer
from denovo.checkpoint.shipped import SHIPPED
from denovo.checkpoint.training import network_settings, read_checkpoint, vocabulary_of

__all__ = [
    "SHIPPED",
    "TrainedModel",
    "load_model",
    "load_proposer",
    "load_sequencer",
    "network_settings",
    "read_checkpoint",
    "read_exported",
    "vocabulary_of",
    "write_exported",
]
