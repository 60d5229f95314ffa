"""Decoders: greedy and beam search for peptides, with a constraint on the precursor mass."""

from denovo.choices import DecoderKind
from denovo.decoding.beam import (
    BeamDecoder,
    GreedyDecoder,
    make_candidate_decoder,
    make_decoder,
)
from denovo.decoding.choice import Candidate, Decoded
from denovo.decoding.mass_constraint import MassConstraint
from denovo.decoding.reachable import ReachableMasses, reachable_masses

__all__ = [
    "BeamDecoder",
    "Candidate",
    "Decoded",
    "DecoderKind",
    "GreedyDecoder",
    "MassConstraint",
    "ReachableMasses",
    "make_candidate_decoder",
    "make_decoder",
    "reachable_masses",
]
