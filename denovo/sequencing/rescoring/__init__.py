"""Rescoring of candidates: merged lists, features, reranker."""

from denovo.choices import Rescoring
from denovo.sequencing.rescoring.features import candidate_features, scaled_log_odds
from denovo.sequencing.rescoring.lists import CandidateLists, score_peptides
from denovo.sequencing.rescoring.reranker import ListTable, Reranker
from denovo.sequencing.rescoring.rescorer import Rescorer
from denovo.sequencing.rescoring.similarity import Similarity

__all__ = [
    "CandidateLists",
    "ListTable",
    "Reranker",
    "Rescorer",
    "Rescoring",
    "Similarity",
    "candidate_features",
    "scaled_log_odds",
    "score_peptides",
]
