"""Metrics: the agreement of predictions with peptides and with precursor masses.

The metrics of training are imported from their modules `evaluation`, `peptide` and `precursor`:
these load torchmetrics, which takes seconds and which sequencing does not need.
"""

from denovo.metrics.calibration import Reliability, brier_score, reliability
from denovo.metrics.false_discovery import q_values
from denovo.metrics.intervals import (
    CLUSTERED,
    clustered_figures,
    clustered_interval,
    paired_difference,
    resampled_sums,
    wilson_interval,
)
from denovo.metrics.matching import (
    match_residues,
    right_residues,
    score_peptides,
    score_residues,
)
from denovo.metrics.ppm_matching import match_by_ppm, score_by_ppm
from denovo.metrics.ranking import PrecisionCoverage, precision_coverage

__all__ = [
    "CLUSTERED",
    "PrecisionCoverage",
    "Reliability",
    "brier_score",
    "clustered_figures",
    "clustered_interval",
    "match_by_ppm",
    "match_residues",
    "paired_difference",
    "precision_coverage",
    "q_values",
    "reliability",
    "resampled_sums",
    "right_residues",
    "score_by_ppm",
    "score_peptides",
    "score_residues",
    "wilson_interval",
]
