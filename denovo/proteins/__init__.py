"""Answers mapped to proteins: matches, chance matches, protein groups."""

from denovo.proteins.index import ProteomeIndex
from denovo.proteins.inference import ProteinRow, infer_proteins
from denovo.proteins.mapping import SCHEMA, Mapping, map_answers, unmatched_peptides
from denovo.proteins.matching import FOUND, KINDS, Match
from denovo.proteins.peptides import read_notation, read_peptides
from denovo.proteins.proteome import Proteins, make_proteins, read_proteins
from denovo.proteins.rates import KindRow, LevelRow, disagreement, kind_rows, level_rows
from denovo.proteins.tables import protein_section, psm_cells, write_proteins

__all__ = [
    "FOUND",
    "KINDS",
    "SCHEMA",
    "KindRow",
    "LevelRow",
    "Mapping",
    "Match",
    "ProteinRow",
    "Proteins",
    "ProteomeIndex",
    "disagreement",
    "infer_proteins",
    "kind_rows",
    "level_rows",
    "make_proteins",
    "map_answers",
    "protein_section",
    "psm_cells",
    "read_notation",
    "read_peptides",
    "read_proteins",
    "unmatched_peptides",
    "write_proteins",
]
