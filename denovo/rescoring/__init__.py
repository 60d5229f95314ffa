"""Candidates of several networks, scored by all of them, by their peaks and by predictions."""

from denovo.rescoring.features import candidate_features, scaled_log_odds
from denovo.rescoring.ions import CandidateIons
from denovo.rescoring.kinds import Rescoring
from denovo.rescoring.lists import CandidateLists
from denovo.rescoring.reranker import ListTable, Reranker
from denovo.rescoring.rescorer import Rescored, Rescorer
from denovo.rescoring.scoring import score_peptides
from denovo.rescoring.similarity import Similarity

__all__ = [
    "CandidateIons",
    "CandidateLists",
    "ListTable",
    "Reranker",
    "Rescored",
    "Rescorer",
    "Rescoring",
    "Similarity",
    "candidate_features",
    "scaled_log_odds",
    "score_peptides",
]
