"""Decoders: from next-residue probabilities to peptides."""

from denovo.decoding.beam import BeamDecoder, GreedyDecoder
from denovo.decoding.decoded import Decoded

__all__ = ["BeamDecoder", "Decoded", "GreedyDecoder"]
