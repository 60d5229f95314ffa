"""Metrics: how well predictions agree with peptides and with precursor masses."""

from denovo.metrics.evaluation import EvaluationMetrics
from denovo.metrics.peptide import PeptideMetrics, match_residues
from denovo.metrics.precursor import PpmErrorMetrics, special_token_probability

__all__ = [
    "EvaluationMetrics",
    "PeptideMetrics",
    "PpmErrorMetrics",
    "match_residues",
    "special_token_probability",
]
