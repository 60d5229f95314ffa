"""Metrics: how well predictions agree with peptides and with precursor masses."""

from denovo.metrics.evaluation import EvaluationMetrics
from denovo.metrics.peptide import LENGTH_RANGES, PeptideMetrics, match_residues, recall_by_length
from denovo.metrics.precursor import PpmErrorMetrics, special_token_probability
from denovo.metrics.refinement import refinement_figures
from denovo.metrics.residues import right_residues

__all__ = [
    "LENGTH_RANGES",
    "EvaluationMetrics",
    "PeptideMetrics",
    "PpmErrorMetrics",
    "match_residues",
    "recall_by_length",
    "refinement_figures",
    "right_residues",
    "special_token_probability",
]
