"""Peptides with ends where the enzyme does not cut, and the mixture of both."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pyteomics import parser

from denovo.peptides.identity import identity, stable_hash

SPECIFIC, SEMI, UNSPECIFIC = "specific", "semi", "unspecific"
"""Both ends of a peptide, one of them, or none is an end of the protein or a site of the enzyme."""


class Cut(NamedTuple):
    """A peptide within its protein: where it begins, and where it has ended."""

    start: int
    end: int


class Cleaver:
    """Cuts one protein.

    Parameters
    ----------
    protein : str
        Its sequence.
    enzyme : str
        Name of a rule of pyteomics.
    missed_cleavages : int
        Most sites inside a peptide of the enzyme.
    min_length, max_length : int
        Shortest and longest peptide, in residues.
    """

    def __init__(
        self, protein: str, enzyme: str, missed_cleavages: int, min_length: int, max_length: int
    ) -> None:
        self.protein, self.enzyme, self.missed_cleavages = protein, enzyme, missed_cleavages
        self.min_length, self.max_length = min_length, max_length
        uncut = parser.icleave(protein, enzyme, missed_cleavages=0)
        self.sites = {len(protein), *(start for start, _ in uncut)}

    def specific(self) -> Iterator[Cut]:
        """Yield what the enzyme makes, also beyond the longest length."""
        found = parser.icleave(
            self.protein, self.enzyme, self.missed_cleavages, min_length=self.min_length
        )
        for start, peptide in found:
            yield Cut(start, start + len(peptide))

    def fits(self, cut: Cut) -> bool:
        """Whether a peptide has a length that is wanted."""
        return self.min_length <= cut.end - cut.start <= self.max_length

    def semi(self, parent: Cut, generator: random.Random) -> Cut | None:
        """Shorten a peptide of the enzyme at one end, to a place where the enzyme does not cut."""
        first, last = parent
        ends = range(first + self.min_length, min(first + self.max_length, last - 1) + 1)
        starts = range(max(last - self.max_length, first + 1), last - self.min_length + 1)
        cuts = [Cut(first, end) for end in ends if end not in self.sites]
        cuts += [Cut(start, last) for start in starts if start not in self.sites]
        return generator.choice(cuts) if cuts else None

    def unspecific(self, parent: Cut, generator: random.Random) -> Cut | None:
        """Cut somewhere else: begin inside a peptide of the enzyme, and end wherever it may be."""
        length = generator.randint(self.min_length, self.max_length)
        possible = range(parent.start, min(parent.end, len(self.protein) - length + 1))
        starts = [s for s in possible if s not in self.sites and s + length not in self.sites]
        if not starts:
            return None
        start = generator.choice(starts)
        return Cut(start, start + length)


def cut_protein(cleaver: Cleaver, shares: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Make one peptide of one kind out of each peptide of the enzyme.

    Parameters
    ----------
    cleaver : Cleaver
        The protein.
    shares : mapping of str to float
        Of each kind; they add up to 1.

    Yields
    ------
    kind, sequence : str
        A hash of the enzyme's peptide decides its kind and the cut, so that no peptide of the
        enzyme comes with parts of itself, and other proteins do not matter.
    """
    for parent in cleaver.specific():
        peptide = cleaver.protein[parent.start : parent.end]
        generator = random.Random(stable_hash(identity(peptide), "specificity"))
        kind = generator.choices(list(shares), list(shares.values()))[0]
        cut = parent if cleaver.fits(parent) else None
        if kind == SEMI:
            cut = cleaver.semi(parent, generator)
        elif kind == UNSPECIFIC:
            cut = cleaver.unspecific(parent, generator)
        if cut is not None:
            yield kind, cleaver.protein[cut.start : cut.end]


def mix(lists: Mapping[str, Sequence[str]], shares: Mapping[str, float]) -> list[str]:
    """Merge lists so that every beginning of the result holds each kind by its share.

    Parameters
    ----------
    lists : mapping of str to sequence of str
        Peptides of each kind.
    shares : mapping of str to float
        Of each kind.

    Returns
    -------
    list of str
        Ends where a kind that is due has run out.
    """
    mixed: list[str] = []
    taken = dict.fromkeys(shares, 0)
    wanted = [kind for kind, share in shares.items() if share > 0]
    while True:
        kind = min(wanted, key=lambda kind: (taken[kind] + 1) / shares[kind])
        if taken[kind] == len(lists[kind]):
            return mixed
        mixed.append(lists[kind][taken[kind]])
        taken[kind] += 1
