"""The numbered residues and masses of a network, next to those of pyteomics and a checkpoint."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from denovo.chemistry import FIRST_RESIDUE, WATER_MASS, Residue, Vocabulary
from denovo.chemistry.pyteomics_mass import mass
from denovo.errors import InputError
from denovo.typing import Bool, ndarray

_MAX_DIFFERENCE = 1e-6
"""Difference in Da that rounding may leave."""


def compare_vocabulary(
    vocabulary: Vocabulary, state: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """List tokens and masses next to those of pyteomics and those that a checkpoint stores.

    Parameters
    ----------
    vocabulary : Vocabulary
        The table.
    state : mapping or None
        ``tokens`` and ``masses`` as `Vocabulary.state` wrote them.

    Returns
    -------
    DataFrame
        A row for each number: ``name``, ``mass`` and ``pyteomics`` in Da; with a state
        ``stored_name`` and ``stored_mass``; ``is_equal``, whether all of them agree.

    Raises
    ------
    InputError
        If the stored table is no table.
    """
    special = [0.0] * FIRST_RESIDUE
    oracle = [pyteomics_mass(residue) for residue in vocabulary.alphabet.residues]
    table = pd.DataFrame(
        {
            "name": vocabulary.tokens,
            "mass": vocabulary.masses.numpy(),
            "pyteomics": [*special, *oracle],
        }
    )
    if state is not None:
        names, masses = state.get("tokens"), state.get("masses")
        if not isinstance(names, list) or not isinstance(masses, list) or len(names) != len(masses):
            raise InputError("the checkpoint holds no table of tokens and masses; train it anew")
        stored = pd.DataFrame({"stored_name": names, "stored_mass": masses})
        table = pd.concat([table, stored], axis=1)
    is_equal = _are_close(table, "mass", "pyteomics")
    if state is not None:
        is_equal &= _are_close(table, "mass", "stored_mass")
        is_equal &= (table["name"] == table["stored_name"]).to_numpy()
    return table.assign(is_equal=is_equal)


def pyteomics_mass(residue: Residue) -> float:
    """Compute the mass that a residue or modification adds to a peptide, from its elements."""
    letter, modification = residue.amino_acid, residue.modification
    bare = mass.calculate_mass(sequence=letter) - WATER_MASS if letter else 0.0
    added = mass.calculate_mass(formula=modification.formula) if modification else 0.0
    return float(bare + added)


def _are_close(table: pd.DataFrame, one: str, other: str) -> Bool[ndarray, " token"]:
    return np.abs(table[one].to_numpy() - table[other].to_numpy()) <= _MAX_DIFFERENCE
