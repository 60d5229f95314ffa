"""Assignment of peptides to training, validation and test."""

import math
from collections.abc import Mapping

from denovo.chemistry.identity import identity, stable_hash
from denovo.errors import InputError

SPLITS = ("train", "val", "test")


def split_of(peptide: str, fractions: Mapping[str, float]) -> str:
    """Assign a peptide to a split by a hash of its sequence.

    The result depends only on the arguments: other peptides of a store have no influence, and
    peptides of the same `identity` have the same split.

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
    """Raise an InputError unless the shares of the splits are valid and add up to 1."""
    if unknown := sorted(set(fractions) - set(SPLITS)):
        raise InputError(f"unknown split {unknown[0]!r}; expected {', '.join(SPLITS)}")
    total = sum(fractions.values())
    if min(fractions.values(), default=0) < 0 or not math.isclose(total, 1.0, abs_tol=1e-9):
        raise InputError(
            f"the fractions of the splits must be positive and add up to 1, got {dict(fractions)}"
        )
