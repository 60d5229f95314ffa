"""Sequencers: networks that predict peptides from spectra."""

from denovo.models.evidence import EvidenceSequencer
from denovo.models.recursive import RecursiveSequencer
from denovo.models.spectrum_graph import SpectrumGraphSequencer
from denovo.models.token_axes import transfer_weights
from denovo.models.transformer import TransformerSequencer

__all__ = [
    "EvidenceSequencer",
    "RecursiveSequencer",
    "SpectrumGraphSequencer",
    "TransformerSequencer",
    "transfer_weights",
]
