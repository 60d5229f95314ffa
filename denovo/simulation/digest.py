"""Digestion of proteins into peptides."""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from pyteomics import parser

from denovo.chemistry import ResidueAlphabet
from denovo.chemistry.identity import identity, stable_hash
from denovo.errors import InputError, check_at_least, check_names
from denovo.simulation.proteins import Proteome

SPECIFIC, SEMI, UNSPECIFIC = "specific", "semi", "unspecific"
"""Kinds of peptides: two ends, one end, or no end at a cleavage site or an end of the protein."""


def check_enzyme(name: str, where: str) -> None:
    """Refuse an enzyme that pyteomics has no rule for.

    Parameters
    ----------
    name : str
        Name of the rule.
    where : str
        Setting or option that names it, for the message.

    Raises
    ------
    InputError
        With the closest known name, if there is one.
    """
    check_names([name], [*parser.expasy_rules, *parser.psims_rules], where, "enzyme")


class Cut(NamedTuple):
    """Start and end, exclusive, of a peptide within its protein."""

    start: int
    end: int


class Cleaver:
    """Cuts one protein into peptides of a range of lengths, in residues.

    `enzyme` is the name of a cleavage rule of pyteomics. `missed_cleavages` limits the sites inside
    a specific peptide.
    """

    def __init__(
        self, protein: str, enzyme: str, missed_cleavages: int, min_length: int, max_length: int
    ) -> None:
        self.protein, self.enzyme, self.missed_cleavages = protein, enzyme, missed_cleavages
        self.min_length, self.max_length = min_length, max_length
        uncut = parser.icleave(protein, enzyme, missed_cleavages=0)
        self.sites = {len(protein), *(start for start, _ in uncut)}

    def specific(self) -> Iterator[Cut]:
        """Yield the specific peptides, also those beyond the maximum length."""
        found = parser.icleave(
            self.protein, self.enzyme, self.missed_cleavages, min_length=self.min_length
        )
        for start, peptide in found:
            yield Cut(start, start + len(peptide))

    def fits(self, cut: Cut) -> bool:
        """Whether the length of a peptide is within the limits."""
        return self.min_length <= cut.end - cut.start <= self.max_length

    def semi(self, parent: Cut, generator: random.Random) -> Cut | None:
        """Shorten a specific peptide at one end, to a place where the enzyme does not cut."""
        first, last = parent
        ends = range(first + self.min_length, min(first + self.max_length, last - 1) + 1)
        starts = range(max(last - self.max_length, first + 1), last - self.min_length + 1)
        cuts = [Cut(first, end) for end in ends if end not in self.sites]
        cuts += [Cut(start, last) for start in starts if start not in self.sites]
        return generator.choice(cuts) if cuts else None

    def unspecific(self, parent: Cut, generator: random.Random) -> Cut | None:
        """Draw a peptide that starts inside a specific one and has no end at a site."""
        length = generator.randint(self.min_length, self.max_length)
        possible = range(parent.start, min(parent.end, len(self.protein) - length + 1))
        starts = [s for s in possible if s not in self.sites and s + length not in self.sites]
        if not starts:
            return None
        start = generator.choice(starts)
        return Cut(start, start + length)


def cut_protein(cleaver: Cleaver, shares: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Yield kind and sequence of one peptide for each specific peptide of a protein.

    A hash of the specific peptide decides the kind, by its share, and the cut. So no specific
    peptide occurs together with parts of itself, and other proteins have no influence.
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
    """Merge lists so that every prefix of the result holds each kind by its share.

    The result ends where the kind that is due has no more peptides.
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


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Digest:
    """Enzyme and limits of the peptides.

    Parameters
    ----------
    enzyme : str
        Name of a cleavage rule of pyteomics (Expasy PeptideCutter or PSI-MS), ``"trypsin"``.
    missed_cleavages : int
        Largest number of uncut sites inside a peptide.
    min_length, max_length : int
        Shortest and longest peptide, in residues.
    semi, unspecific : float
        Shares of the peptides with one end and with two ends where the enzyme does not cut.

    Raises
    ------
    InputError
        If the enzyme is unknown or a number is out of range.
    """

    enzyme: str = "trypsin"
    missed_cleavages: int = 1
    min_length: int = 7
    max_length: int = 20
    semi: float = 0.0
    unspecific: float = 0.0

    def __post_init__(self) -> None:
        check_enzyme(self.enzyme, "peptides.enzyme")
        check_at_least("missed_cleavages", self.missed_cleavages, 0)
        if not 1 <= self.min_length <= self.max_length:
            raise InputError(
                "peptide lengths must satisfy 1 <= min_length <= max_length, got "
                f"{self.min_length} and {self.max_length}"
            )
        if min(self.shares.values()) < 0:
            raise InputError(
                "the shares semi and unspecific must not be negative and add up to at most 1, got "
                f"{self.semi} and {self.unspecific}"
            )

    @property
    def shares(self) -> dict[str, float]:
        """Share of each kind of peptide, by the number of ends that the enzyme made."""
        specific = 1 - self.semi - self.unspecific
        # 1 - 0.9 - 0.1 is a little less than 0.
        return {
            SPECIFIC: 0.0 if abs(specific) < 1e-9 else specific,
            SEMI: self.semi,
            UNSPECIFIC: self.unspecific,
        }

    def peptides(self, proteome: Proteome, alphabet: ResidueAlphabet) -> list[str]:
        """Digest a proteome into distinct bare peptides; I and L count as one residue.

        Peptides with letters outside the alphabet (X, B, U, ...) are left out; an InputError is
        raised if none is left. The order depends on each sequence alone: the first n peptides are a
        random sample, which hardly changes when proteins are added or reordered.
        """
        return mix(self.by_kind(proteome, alphabet), self.shares)

    def by_kind(self, proteome: Proteome, alphabet: ResidueAlphabet) -> dict[str, list[str]]:
        """Digest a proteome as `peptides` does, into one list for each kind of peptide."""
        letters = {residue.name for residue in alphabet.residues} | set(alphabet.implied)
        distinct: dict[str, dict[str, str]] = {kind: {} for kind in self.shares}
        made_by_enzyme: set[str] = set()
        unreadable: set[str] = set()
        n_proteins = 0
        for protein in proteome.sequences():
            n_proteins += 1
            for kind, peptide in self._cleave(protein, made_by_enzyme):
                if letters.issuperset(peptide):
                    # Of I/L twins the alphabetically first is kept: the order of the proteins
                    # must not decide.
                    key = identity(peptide)
                    distinct[kind][key] = min(peptide, distinct[kind].get(key, peptide))
                else:
                    unreadable.add(peptide)
        # A peptide that was cut otherwise here may be specific elsewhere in the proteome.
        taken = made_by_enzyme
        for kind in (SEMI, UNSPECIFIC):
            distinct[kind] = {k: p for k, p in distinct[kind].items() if k not in taken}
            taken = taken | distinct[kind].keys()
        if unreadable:
            logger.info("left out %d peptides with residues not in %r", len(unreadable), alphabet)
        if not any(distinct.values()):
            raise InputError(self._empty(n_proteins, len(unreadable), alphabet))
        return {kind: _in_hash_order(found) for kind, found in distinct.items()}

    def provenance(self) -> dict[str, Any]:
        """Describe the digest by its parameters, without shares of 0."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value or name not in (SEMI, UNSPECIFIC)
        }

    def _cleave(self, protein: str, made_by_enzyme: set[str]) -> Iterator[tuple[str, str]]:
        """Yield kind and sequence of peptides, and collect the specific ones where needed."""
        limits = self.missed_cleavages, self.min_length, self.max_length
        if self.shares[SPECIFIC] == 1:
            for peptide in parser.cleave(protein, self.enzyme, *limits):
                yield SPECIFIC, peptide
            return
        cleaver = Cleaver(protein, self.enzyme, *limits)
        for cut in filter(cleaver.fits, cleaver.specific()):
            made_by_enzyme.add(identity(protein[cut.start : cut.end]))
        yield from cut_protein(cleaver, self.shares)

    def _empty(self, n_proteins: int, n_unreadable: int, alphabet: ResidueAlphabet) -> str:
        return (
            f"the digest of {n_proteins} proteins with {self.enzyme} ({self.missed_cleavages} "
            f"missed cleavages) has no peptide of {self.min_length}-{self.max_length} residues "
            f"in the alphabet {alphabet.name!r} ({n_unreadable} had other letters); give more "
            "proteins or widen the limits"
        )


def _in_hash_order(distinct: Mapping[str, str]) -> list[str]:
    order = sorted(distinct, key=lambda key: (stable_hash(key, "digest order"), key))
    return [distinct[key] for key in order]
