"""How well a sequencer trained on predictions reads what an instrument has measured."""

from denovo.sim2real.score import SetScore, score_sets
from denovo.sim2real.selection import Selection

__all__ = ["Selection", "SetScore", "score_sets"]
