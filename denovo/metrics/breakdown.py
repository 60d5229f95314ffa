"""Groups of spectra: by value, range, count and modification."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from denovo.typing import Bool, ndarray

_MODIFIED = re.compile(r"[A-Z]\[[^\]]+\]|\[[^\]]+\]-")

SHARE_BOUNDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Bounds for `by_range` of the share of cleavage sites with a fragment in the spectrum."""


def by_value(values: Sequence[object] | ndarray) -> dict[str, Bool[ndarray, " spectrum"]]:
    """Group spectra by value, in ascending order.

    Examples
    --------
    >>> list(by_value([3, 2, 3]))
    ['2', '3']
    """
    array = np.asarray(values)
    return {str(value): array == value for value in np.unique(array)}


def by_range(
    values: Sequence[float | int] | ndarray, bounds: Sequence[float | int]
) -> dict[str, Bool[ndarray, " spectrum"]]:
    """Group spectra by ranges of a value, the lower end included.

    ``bounds`` are ascending. The last bound forms a group of its own, of all values from it on.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in by_range([0, 0.5, 1], (0, 0.5, 1)).items()}
    {'0 - 0.5': [True, False, False], '0.5 - 1': [False, True, False], '1': [False, False, True]}
    """
    array = np.asarray(values)
    groups = {
        f"{low:g} - {high:g}": (array >= low) & (array < high) for low, high in pairwise(bounds)
    }
    return groups | {f"{bounds[-1]:g}": array >= bounds[-1]}


def by_count(values: Sequence[int] | ndarray, most: int) -> dict[str, Bool[ndarray, " spectrum"]]:
    """Group spectra by each count below ``most``, and by all counts from ``most`` on.

    Examples
    --------
    >>> list(by_count([0, 5], most=2))
    ['0', '1', '2+']
    """
    array = np.asarray(values)
    return {str(number): array == number for number in range(most)} | {f"{most}+": array >= most}


def by_modification(peptides: Sequence[str]) -> dict[str, Bool[ndarray, " spectrum"]]:
    """Group spectra by modified residue or terminus; ``"none"`` holds unmodified peptides.

    Peptides are in ProForma as annotated, not in canonical tokens, in which deamidated N is D. A
    peptide belongs to the group of each of its modifications.

    Examples
    --------
    >>> list(by_modification(["PEK", "[UNIMOD:1]-M[UNIMOD:35]K"]))
    ['none', 'M[UNIMOD:35]', '[UNIMOD:1]-']
    """
    found = [set(_MODIFIED.findall(peptide)) for peptide in peptides]
    groups = {"none": np.array([not names for names in found], dtype=np.bool_)}
    for name in sorted(set().union(*found)):
        groups[name] = np.array([name in names for names in found], dtype=np.bool_)
    return groups
