"""Features of cleavage sites, as the trees of MS2PIP expect them.

MS2PIP computes them, too, as a list of Python numbers for each site, which takes longer than to
score its trees. `denovo.simulation.packaged_models` says how the results are compared.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from denovo.kernels import kernel
from denovo.typing import Int, UInt16, ndarray

_RESIDUES = "ACDEFGHIKMNPQRSTVWY"
_N_CODES = len(_RESIDUES)

CODES = {residue: code for code, residue in enumerate(_RESIDUES)}
CODES["L"] = CODES["I"]
"""Number of each residue; leucine has that of isoleucine."""

_PROPERTIES = np.array(
    [
        [37, 35, 59, 129, 94, 0, 210, 81, 191, 106, 101, 117, 115, 343, 49, 90, 60, 134, 104],
        [68, 23, 33, 29, 70, 58, 41, 73, 32, 66, 38, 0, 40, 39, 44, 53, 71, 51, 55],
        [51, 75, 25, 35, 100, 16, 3, 94, 0, 82, 12, 0, 22, 22, 21, 39, 80, 98, 70],
        [32, 23, 0, 4, 27, 32, 48, 32, 69, 29, 26, 35, 28, 79, 29, 28, 31, 31, 28],
    ],
    dtype=np.uint16,
)
"""Basicity, helicity, hydrophobicity and isoelectric point of each residue, as the trees expect:
the table of ``ms2pip_init_c.c`` in MS2PIP 4.1 (doi:10.1093/nar/gkad335)."""

_N_CHARGES = 5
"""Charges with an indicator of their own; the last stands for all higher ones too."""

_QUARTILES = 2 + _N_CHARGES
"""First feature after length, charge and indicators: quartiles of each property in the peptide."""
_LENGTHS = _QUARTILES + 5 * len(_PROPERTIES)
_COUNTS = _LENGTHS + 2
"""Residues before and after the site, of each code."""
_AROUND = _COUNTS + 2 * _N_CODES
_N_OF_PROPERTY = 18
"""Features of each property: that of both ends and of four residues around the site, then sum and
quartiles before and after it."""
N_FEATURES = _AROUND + _N_OF_PROPERTY * len(_PROPERTIES)


def site_features(
    sequences: Sequence[str], charges: Sequence[int]
) -> UInt16[ndarray, "site feature"]:
    """Compute the features of all sites of peptides, one peptide after the other.

    Parameters
    ----------
    sequences : sequence of str
        Residues of each peptide, at least one, all in `CODES`.
    charges : sequence of int
        Charge of each peptide.

    Returns
    -------
    array [site, feature], uint16
        Sites from the N-terminus.
    """
    codes = np.array([CODES[residue] for residue in chain(*sequences)], dtype=np.int64)
    n_residues = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    of_peptide = np.array(charges, dtype=np.int64)
    features = np.empty((len(codes) - len(n_residues), N_FEATURES), dtype=np.uint16)
    _write_lengths_and_counts(codes, n_residues, of_peptide, features)
    for number, values in enumerate(_PROPERTIES):
        _write_before(codes, n_residues, values, number, features)
        _write_after(codes, n_residues, values, number, features)
    return features


@kernel
def _write_lengths_and_counts(
    codes: Int[ndarray, " residue"],
    n_residues: Int[ndarray, " peptide"],
    charges: Int[ndarray, " peptide"],
    features: UInt16[ndarray, "site feature"],
) -> None:
    """Write length and charge of the peptide, lengths of both parts of a site, and residues."""
    start, site = 0, 0
    for peptide in range(len(n_residues)):
        n, charge = n_residues[peptide], charges[peptide]
        residues = codes[start : start + n]
        count = np.zeros((_N_CODES, 2), dtype=np.uint16)  # in the part of either terminus
        for residue in residues:
            count[residue, 1] += 1
        for i in range(n - 1):
            row = features[site + i]
            row[0], row[1] = n, charge
            for z in range(_N_CHARGES):
                row[2 + z] = z + 1 == min(charge, _N_CHARGES)
            row[_LENGTHS], row[_LENGTHS + 1] = i + 1, n - i
            count[residues[i], 0] += 1
            # MS2PIP removes the residues of the part of the C-terminus from its end, too.
            count[residues[n - 1 - i], 1] -= 1
            row[_COUNTS:_AROUND] = count.ravel()
        start += n
        site += n - 1


@kernel
def _write_before(
    codes: Int[ndarray, " residue"],
    n_residues: Int[ndarray, " peptide"],
    values: UInt16[ndarray, " code"],
    number: int,
    features: UInt16[ndarray, "site feature"],
) -> None:
    """Write a property: of the peptide, of residues near the site, and of the part before it."""
    start, site, first = 0, 0, _AROUND + _N_OF_PROPERTY * number
    for n in n_residues:
        residues = codes[start : start + n]
        ordered = np.empty(n, dtype=np.uint16)
        total = 0
        for i in range(n):
            total += values[residues[i]]
            _insert(ordered, i, int(values[residues[i]]))
            if i == n - 1:
                break
            row = features[site + i]
            row[first] = values[residues[0]]
            row[first + 1] = values[residues[n - 1]]
            # The N-terminus, before the peptide, has the code of alanine, 0.
            row[first + 2] = 0 if i == 0 else values[residues[i - 2] if i > 1 else 0]
            row[first + 3] = values[residues[i - 1] if i > 0 else 0]
            row[first + 4] = values[residues[i]]
            row[first + 5] = values[residues[i + 1]]
            row[first + 6] = total
            _write_quartiles(ordered, i, i, row[first + 7 :])
        for row in features[site : site + n - 1]:
            _write_quartiles(ordered, n - 1, n - 1, row[_QUARTILES + 5 * number :])
        start += n
        site += n - 1


@kernel
def _write_after(
    codes: Int[ndarray, " residue"],
    n_residues: Int[ndarray, " peptide"],
    values: UInt16[ndarray, " code"],
    number: int,
    features: UInt16[ndarray, "site feature"],
) -> None:
    """Write a property of the part after each site."""
    start, site, first = 0, 0, _AROUND + _N_OF_PROPERTY * number + 12
    for n in n_residues:
        residues = codes[start : start + n]
        ordered = np.empty(n, dtype=np.uint16)
        total = 0
        for n_after in range(1, n):
            value = int(values[residues[n - n_after]])
            total += value
            _insert(ordered, n_after - 1, value)
            row = features[site + n - 1 - n_after]
            row[first] = total
            # MS2PIP divides the number of residues here, and the last index before the site.
            _write_quartiles(ordered, n_after, n_after - 1, row[first + 1 :])
        start += n
        site += n - 1


@kernel
def _write_quartiles(
    ordered: UInt16[ndarray, " place"], span: int, last: int, row: UInt16[ndarray, " feature"]
) -> None:
    """Write the values at each quarter of a span of ascending values, and the last of them."""
    for quarter in range(4):
        row[quarter] = ordered[quarter * span // 4]
    row[4] = ordered[last]


@kernel
def _insert(ordered: UInt16[ndarray, " place"], n_ordered: int, value: int) -> None:
    """Insert a value into the ascending values at the start of an array."""
    place = n_ordered
    while place > 0 and ordered[place - 1] > value:
        ordered[place] = ordered[place - 1]
        place -= 1
    ordered[place] = value
