"""Sequencing of measured spectra: answers with scores and calibrated probabilities."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from denovo.sequencing.settings import SequencingSettings

if TYPE_CHECKING:
    from denovo.sequencing.answer import FEATURES, Answer
    from denovo.sequencing.calibration import Calibration
    from denovo.sequencing.pipeline import find_device, make_rescorer
    from denovo.sequencing.sequencer import SpectrumSequencer

__all__ = [
    "FEATURES",
    "Answer",
    "Calibration",
    "SequencingSettings",
    "SpectrumSequencer",
    "find_device",
    "make_rescorer",
]
_WITH_TORCH = {
    "FEATURES": "answer",
    "Answer": "answer",
    "Calibration": "calibration",
    "SpectrumSequencer": "sequencer",
    "find_device": "pipeline",
    "make_rescorer": "pipeline",
}
"""Modules that need torch, which takes seconds to load and which the settings do without."""


def __getattr__(name: str) -> Any:
    if name in _WITH_TORCH:
        return getattr(import_module(f"denovo.sequencing.{_WITH_TORCH[name]}"), name)
    raise AttributeError(f"module 'denovo.sequencing' has no attribute {name!r}")
