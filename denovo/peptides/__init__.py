"""Peptides: from proteins to the ions that an instrument would see, and which split they go to."""

from denovo.peptides.digest import Digest
from denovo.peptides.exclusion import Exclusion, contained
from denovo.peptides.precursors import Precursor, Precursors
from denovo.peptides.proteins import FastaProteome, Proteome, SyntheticProteome
from denovo.peptides.split import SPLITS, split_of

__all__ = [
    "SPLITS",
    "Digest",
    "Exclusion",
    "FastaProteome",
    "Precursor",
    "Precursors",
    "Proteome",
    "SyntheticProteome",
    "contained",
    "split_of",
]
