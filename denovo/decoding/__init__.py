"""Decoders: from next-residue probabilities to peptides."""

from denovo.choices import DecoderKind
from denovo.decoding.beam import BeamDecoder, GreedyDecoder, make_decoder
from denovo.decoding.choice import Answer, Decoded
from denovo.decoding.constraint import MassConstraint
from denovo.decoding.reachable import ReachableMasses, reachable_masses
from denovo.decoding.search import Readable

__all__ = [
    "Answer",
    "BeamDecoder",
    "Decoded",
    "DecoderKind",
    "GreedyDecoder",
    "MassConstraint",
    "ReachableMasses",
    "Readable",
    "make_decoder",
    "reachable_masses",
]
