"""Decoders: from next-residue probabilities to peptides."""

from denovo.decoding.beam import BeamDecoder, GreedyDecoder
from denovo.decoding.constraint import MassConstraint
from denovo.decoding.decoded import Answer, Decoded
from denovo.decoding.reachable import ReachableMasses, reachable_masses

__all__ = [
    "Answer",
    "BeamDecoder",
    "Decoded",
    "GreedyDecoder",
    "MassConstraint",
    "ReachableMasses",
    "reachable_masses",
]
