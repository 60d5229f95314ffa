"""Sequencing of measured spectra: from the entries of files to predictions with probabilities."""

from denovo.sequencing.answer import FEATURES, Candidate
from denovo.sequencing.calibration import Calibration
from denovo.sequencing.explanation import Explainer, Explanation
from denovo.sequencing.sequencer import Sequenced, SpectrumSequencer

__all__ = [
    "FEATURES",
    "Calibration",
    "Candidate",
    "Explainer",
    "Explanation",
    "Sequenced",
    "SpectrumSequencer",
]
