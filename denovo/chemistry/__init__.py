"""Chemistry: residues, masses, fragments, tolerances and the vocabulary."""

from denovo.chemistry.fragments import IonType, immonium_mz
from denovo.chemistry.masses import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    ISOTOPE_SPACING,
    PROTON_MASS,
    WATER_MASS,
    mass_to_mz,
    mz_to_mass,
)
from denovo.chemistry.modifications import (
    ModificationRule,
    find_modification,
    parse_modification_rule,
    unimod,
)
from denovo.chemistry.notations import as_proforma
from denovo.chemistry.proforma import (
    bare_sequence,
    parse_peptide,
    split_proforma,
    with_mass_shifts,
    with_one_terminal,
)
from denovo.chemistry.residues import Modification, Residue, ResidueAlphabet
from denovo.chemistry.tolerance import Da, Ppm, Tolerance, parse_tolerance, ppm_error
from denovo.chemistry.vocabulary import EOS, FIRST_RESIDUE, PAD, SOS, UNK, Vocabulary

__all__ = [
    "AMMONIA_MASS",
    "CARBON_MONOXIDE_MASS",
    "EOS",
    "FIRST_RESIDUE",
    "ISOTOPE_SPACING",
    "PAD",
    "PROTON_MASS",
    "SOS",
    "UNK",
    "WATER_MASS",
    "Da",
    "IonType",
    "Modification",
    "ModificationRule",
    "Ppm",
    "Residue",
    "ResidueAlphabet",
    "Tolerance",
    "Vocabulary",
    "as_proforma",
    "bare_sequence",
    "find_modification",
    "immonium_mz",
    "mass_to_mz",
    "mz_to_mass",
    "parse_modification_rule",
    "parse_peptide",
    "parse_tolerance",
    "ppm_error",
    "split_proforma",
    "unimod",
    "with_mass_shifts",
    "with_one_terminal",
]
