"""Assign each peptide to training, validation or test, once and for all."""

import math
from collections.abc import Mapping

from denovo.chemistry.identity import identity, stable_hash
from denovo.errors import InputError

SPLITS = ("train", "val", "test")


def split_of(peptide: str, fractions: Mapping[str, float]) -> str:
    """Assign a peptide to a split by a hash of its sequence.

    Depends on nothing but the arguments: peptides keep their side whatever else is in a store, and
    those that are the same by `identity` stand on the same one.

    Parameters
    ----------
    peptide : str
        ProForma text or bare letters.
    fractions : mapping of str to float
        Share of each split, see `check_fractions`.

    Returns
    -------
    str
        ``"train"``, ``"val"`` or ``"test"``.

    Examples
    --------
    >>> split_of("PEPTIDEK", {"train": 0.0, "val": 1.0, "test": 0.0})
    'val'
    """
    place = stable_hash(identity(peptide), "split") / 2**64
    upper = 0.0
    chosen = ""
    for name in SPLITS:
        share = fractions.get(name, 0.0)
        upper += share
        if share > 0:
            chosen = name
            if place < upper:
                break
    return chosen


def check_fractions(fractions: Mapping[str, float]) -> None:
    """Check the shares of the splits.

    Raises
    ------
    InputError
        If a name is no split, a share is negative, or they do not add up to 1.
    """
    if unknown := sorted(set(fractions) - set(SPLITS)):
        raise InputError(f"unknown split {unknown[0]!r}; expected {', '.join(SPLITS)}")
    total = sum(fractions.values())
    if min(fractions.values(), default=0) < 0 or not math.isclose(total, 1.0, abs_tol=1e-9):
        raise InputError(
            f"the fractions of the splits must be positive and add up to 1, got {dict(fractions)}"
        )
