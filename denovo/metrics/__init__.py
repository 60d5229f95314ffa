"""Metrics: the agreement of predictions with peptides and with precursor masses."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from denovo.metrics.breakdown import (
    SHARE_BOUNDS,
    by_count,
    by_modification,
    by_range,
    by_value,
)
from denovo.metrics.calibration import Reliability, brier_score, reliability
from denovo.metrics.false_discovery import q_values
from denovo.metrics.intervals import (
    CLUSTERED,
    clustered_figures,
    clustered_interval,
    effective_number,
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
from denovo.metrics.ranking import PrecisionCoverage, precision_coverage

if TYPE_CHECKING:
    from denovo.metrics.evaluation import EvaluationMetrics
    from denovo.metrics.peptide import LENGTH_RANGES, PeptideMetrics, recall_by_length
    from denovo.metrics.precursor import (
        PpmErrorMetrics,
        refinement_figures,
        special_token_probability,
    )

__all__ = [
    "CLUSTERED",
    "LENGTH_RANGES",
    "SHARE_BOUNDS",
    "EvaluationMetrics",
    "PeptideMetrics",
    "PpmErrorMetrics",
    "PrecisionCoverage",
    "Reliability",
    "brier_score",
    "by_count",
    "by_modification",
    "by_range",
    "by_value",
    "clustered_figures",
    "clustered_interval",
    "effective_number",
    "match_residues",
    "paired_difference",
    "precision_coverage",
    "q_values",
    "recall_by_length",
    "refinement_figures",
    "reliability",
    "resampled_sums",
    "right_residues",
    "score_peptides",
    "score_residues",
    "special_token_probability",
    "wilson_interval",
]
_OF_TRAINING = {
    "EvaluationMetrics": "evaluation",
    "LENGTH_RANGES": "peptide",
    "PeptideMetrics": "peptide",
    "PpmErrorMetrics": "precursor",
    "recall_by_length": "peptide",
    "refinement_figures": "precursor",
    "special_token_probability": "precursor",
}
"""Modules that load torchmetrics, which takes seconds and which sequencing does not need."""


def __getattr__(name: str) -> Any:
    if name in _OF_TRAINING:
        return getattr(import_module(f"denovo.metrics.{_OF_TRAINING[name]}"), name)
    raise AttributeError(f"module 'denovo.metrics' has no attribute {name!r}")
