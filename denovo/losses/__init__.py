"""Losses: per-spectrum terms and their weighted sum."""

from denovo.losses.candidate_risk import CandidateRisk
from denovo.losses.composite import CompositeLoss, LossOutput
from denovo.losses.expected_mass import (
    expected_mass,
    expected_residue_masses,
    straight_through_mass,
)
from denovo.losses.precursor import PENALTIES, PrecursorMassLoss, make_penalty
from denovo.losses.spectrum import SpectrumMatchingLoss
from denovo.losses.term import LossTerm
from denovo.losses.token import TokenLoss

__all__ = [
    "PENALTIES",
    "CandidateRisk",
    "CompositeLoss",
    "LossOutput",
    "LossTerm",
    "PrecursorMassLoss",
    "SpectrumMatchingLoss",
    "TokenLoss",
    "expected_mass",
    "expected_residue_masses",
    "make_penalty",
    "straight_through_mass",
]
