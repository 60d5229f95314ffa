"""Regions of a peptide where the spectrum does not determine the order of the residues."""

from collections.abc import Iterable, Sequence
from itertools import pairwise, permutations

import numpy as np

from denovo.spectra.fragment_matches import FragmentMatches
from denovo.spectra.prediction import Region
from denovo.typing import Bool, ndarray

_MAX_ORDERS = 6
"""Largest number of orders of a region that are listed: all orders of three residues."""


def ambiguous_regions(
    matches: FragmentMatches, peptides: Sequence[Sequence[int]]
) -> list[tuple[Region, ...]]:
    """Find the regions of each peptide where the peaks do not determine the order of residues.

    Parameters
    ----------
    matches : FragmentMatches
        Fragments of the peptides.
    peptides : sequence of sequence of int
        The same peptides: tokens from the N-terminus, without EOS.

    Returns
    -------
    list of tuple of Region
        One tuple for each peptide.
    """
    vocabulary = matches.vocabulary
    masses, is_n_terminal = vocabulary.masses.numpy(), vocabulary.is_n_terminal.tolist()
    n_modifications = [int(is_n_terminal[tokens[0]]) for tokens in peptides]
    spans = [
        (peptide, start, end, list(peptides[peptide])[n_modifications[peptide] :])
        for peptide, (is_covered, is_site) in enumerate(
            zip(matches.is_covered, matches.is_site, strict=True)
        )
        for start, end in _uncovered_spans(is_covered[is_site])
    ]
    # Alternative orders of all regions of the batch, and their cleavage sites.
    orders = [_orders(residues[start:end]) for _, start, end, residues in spans]
    peptide_of, prefix_mass, owners = [], [], []
    for number, ((peptide, start, _, _), choices) in enumerate(zip(spans, orders, strict=True)):
        place = start + n_modifications[peptide]
        before = float(matches.sites.prefix_mass[peptide, place - 1]) if place else 0.0
        for choice, order in enumerate(choices[1:], start=1):
            inner = before + masses[list(order[:-1])].cumsum()
            peptide_of += [peptide] * len(inner)
            prefix_mass += inner.tolist()
            owners += [(number, choice)] * len(inner)
    is_hit = matches.are_covered(
        np.array(peptide_of, dtype=np.int64), np.array(prefix_mass, dtype=np.float64)
    )
    contradicted = {owner for owner, hit in zip(owners, is_hit, strict=True) if hit}
    found: list[list[Region]] = [[] for _ in peptides]
    for number, ((peptide, start, end, residues), choices) in enumerate(
        zip(spans, orders, strict=True)
    ):
        # An order with matched fragments, where those of the answer are missing, is not equivalent.
        equal = [o for c, o in enumerate(choices) if (number, c) not in contradicted]
        if len(equal) > 1 or (not choices and len(set(residues[start:end])) > 1):
            readings = tuple(vocabulary.decode(order) for order in equal)
            found[peptide].append(Region(start + 1, end, readings))
    return [tuple(regions) for regions in found]


def _uncovered_spans(is_covered: Bool[ndarray, " site"]) -> Iterable[tuple[int, int]]:
    """Yield start and end, exclusive, of the residues between consecutive covered sites."""
    borders = [0, *(np.flatnonzero(is_covered) + 1).tolist(), len(is_covered) + 1]
    for start, end in pairwise(borders):
        if end - start > 1:
            yield start, end


def _orders(residues: Sequence[int]) -> list[tuple[int, ...]]:
    """List the distinct orders of up to three residues, the given one first; none for more."""
    if len(residues) > 3:
        return []
    return list(dict.fromkeys(permutations(residues)))[:_MAX_ORDERS]
