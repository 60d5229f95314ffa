"""Evaluation: sequence spectra with known peptides, and measure how much is right."""

from denovo.choices import Unsupported
from denovo.evaluation.census import Census, Fate, Selection
from denovo.evaluation.differences import differences_to
from denovo.evaluation.entries import Entries
from denovo.evaluation.evaluation import POOLED, Evaluation, compare_networks, evaluate
from denovo.evaluation.exposure import Exposure, exposure_of
from denovo.evaluation.figures import ScoredSet
from denovo.evaluation.in_fasta import FastaProteins, with_fasta
from denovo.evaluation.known_peptides import KnownPeptides
from denovo.evaluation.programs import evaluate_programs
from denovo.evaluation.proteobench import write_proteobench
from denovo.evaluation.search import BOTH, Outcome, SearchComparison, compare_search
from denovo.evaluation.sets import (
    CLEAN,
    NOISY,
    EvaluationSet,
    SetKind,
    control_sets,
    measured_sets,
    simulated_sets,
)

__all__ = [
    "BOTH",
    "CLEAN",
    "NOISY",
    "POOLED",
    "Census",
    "Entries",
    "Evaluation",
    "EvaluationSet",
    "Exposure",
    "FastaProteins",
    "Fate",
    "KnownPeptides",
    "Outcome",
    "ScoredSet",
    "SearchComparison",
    "Selection",
    "SetKind",
    "Unsupported",
    "compare_networks",
    "compare_search",
    "control_sets",
    "differences_to",
    "evaluate",
    "evaluate_programs",
    "exposure_of",
    "measured_sets",
    "simulated_sets",
    "with_fasta",
    "write_proteobench",
]
