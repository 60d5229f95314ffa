"""Data: sources of spectra, and batches that depend only on the step and the seed."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from denovo.data.annotated import AnnotatedSpectra
from denovo.data.batches import BatchPlan, SpectrumSource
from denovo.data.preparation import prepare_batch, shuffle_peaks, shuffled_partners
from denovo.data.sources import SimulatedSources

if TYPE_CHECKING:
    from denovo.data.datamodule import AnnotatedData, SequencingData
    from denovo.data.fine_tuning import FineTuningData

__all__ = [
    "AnnotatedData",
    "AnnotatedSpectra",
    "BatchPlan",
    "FineTuningData",
    "SequencingData",
    "SimulatedSources",
    "SpectrumSource",
    "prepare_batch",
    "shuffle_peaks",
    "shuffled_partners",
]
_OF_TRAINING = {
    "AnnotatedData": "datamodule",
    "FineTuningData": "fine_tuning",
    "SequencingData": "datamodule",
}
"""Modules that need Lightning: it takes seconds to load, and sequencing does not need it."""


def __getattr__(name: str) -> Any:
    if name in _OF_TRAINING:
        return getattr(import_module(f"denovo.data.{_OF_TRAINING[name]}"), name)
    raise AttributeError(f"module 'denovo.data' has no attribute {name!r}")
