"""Sequencing of measured spectra: answers with scores and calibrated probabilities."""

from denovo.sequencing.answer import FEATURES, Answer
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.reranking import make_rescorer
from denovo.sequencing.sequencer import SpectrumSequencer
from denovo.sequencing.settings import SequencingSettings, find_device

__all__ = [
    "FEATURES",
    "Answer",
    "Calibration",
    "SequencingSettings",
    "SpectrumSequencer",
    "find_device",
    "make_rescorer",
]
