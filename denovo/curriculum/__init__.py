"""Curriculum: loss weights, peptide lengths and noise as a pure function of the step."""

from denovo.curriculum.schedule import Curriculum
from denovo.curriculum.stage import Noise, Stage

__all__ = ["Curriculum", "Noise", "Stage"]
