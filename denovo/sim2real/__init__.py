"""How well a sequencer trained on predictions reads what an instrument has measured."""

from denovo.sim2real.measurement import Contender, Measurement, measure, sets_for
from denovo.sim2real.score import POOLED, SetScore, score_sets
from denovo.sim2real.selection import Selection
from denovo.sim2real.sets import CLEAN, NOISY, Kind, SpectrumSet, measured_as_sets

__all__ = [
    "CLEAN",
    "NOISY",
    "POOLED",
    "Contender",
    "Kind",
    "Measurement",
    "Selection",
    "SetScore",
    "SpectrumSet",
    "measure",
    "measured_as_sets",
    "score_sets",
    "sets_for",
]
