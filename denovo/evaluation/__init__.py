"""Evaluation: sequence annotated files, measure how much is right, and how well that is known."""

from denovo.evaluation.answers import Evaluation, evaluate, judge
from denovo.evaluation.census import Census, Unsupported, take_census
from denovo.evaluation.figures import (
    FDR_LEVELS,
    breakdowns_of,
    figures_of,
    groups_of,
    peptide_curves,
    reliability_of,
    residue_curves,
)

__all__ = [
    "FDR_LEVELS",
    "Census",
    "Evaluation",
    "Unsupported",
    "breakdowns_of",
    "evaluate",
    "figures_of",
    "groups_of",
    "judge",
    "peptide_curves",
    "reliability_of",
    "residue_curves",
    "take_census",
]
