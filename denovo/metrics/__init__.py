"""Metrics: how well predictions agree with peptides and with precursor masses."""

from denovo.metrics.breakdown import (
    SHARE_BOUNDS,
    breakdown,
    by_count,
    by_modification,
    by_range,
    by_value,
)
from denovo.metrics.calibration import Reliability, brier_score, q_values, reliability
from denovo.metrics.clustered import CLUSTERED, clustered_figures, paired_difference
from denovo.metrics.evaluation import EvaluationMetrics
from denovo.metrics.intervals import ratio_interval, resampled_sums, wilson_interval
from denovo.metrics.judgement import (
    aa_precision,
    aa_recall,
    judge_peptides,
    judge_residues,
    peptide_precision,
    peptide_recall,
    right_residues,
)
from denovo.metrics.peptide import LENGTH_RANGES, PeptideMetrics, match_residues, recall_by_length
from denovo.metrics.precursor import PpmErrorMetrics, refinement_figures, special_token_probability
from denovo.metrics.ranking import PrecisionCoverage, precision_coverage

__all__ = [
    "CLUSTERED",
    "LENGTH_RANGES",
    "SHARE_BOUNDS",
    "EvaluationMetrics",
    "PeptideMetrics",
    "PpmErrorMetrics",
    "PrecisionCoverage",
    "Reliability",
    "aa_precision",
    "aa_recall",
    "breakdown",
    "brier_score",
    "by_count",
    "by_modification",
    "by_range",
    "by_value",
    "clustered_figures",
    "judge_peptides",
    "judge_residues",
    "match_residues",
    "paired_difference",
    "peptide_precision",
    "peptide_recall",
    "precision_coverage",
    "q_values",
    "ratio_interval",
    "recall_by_length",
    "refinement_figures",
    "reliability",
    "resampled_sums",
    "right_residues",
    "special_token_probability",
    "wilson_interval",
]
