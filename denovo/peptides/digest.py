"""Cut proteins into peptides."""

import difflib
import logging
from dataclasses import asdict, dataclass
from typing import Any

from pyteomics import parser

from denovo.chemistry import ResidueAlphabet
from denovo.errors import InputError
from denovo.peptides.identity import identity, stable_hash
from denovo.peptides.proteins import Proteome

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Digest:
    """An enzyme and the peptides that are kept.

    Parameters
    ----------
    enzyme : str
        Name of a cleavage rule of pyteomics (Expasy PeptideCutter or PSI-MS), ``"trypsin"``.
    missed_cleavages : int
        Largest number of sites left uncut inside a peptide.
    min_length, max_length : int
        Shortest and longest peptide, in residues.

    Raises
    ------
    InputError
        If the enzyme is unknown or a number is out of range.
    """

    enzyme: str = "trypsin"
    missed_cleavages: int = 1
    min_length: int = 7
    max_length: int = 20

    def __post_init__(self) -> None:
        known = [*parser.expasy_rules, *parser.psims_rules]
        if self.enzyme not in known:
            close = difflib.get_close_matches(self.enzyme, known) or known
            raise InputError(
                f"enzyme {self.enzyme!r} is unknown; did you mean one of {', '.join(close)}?"
            )
        if self.missed_cleavages < 0:
            raise InputError(f"missed_cleavages must be at least 0, got {self.missed_cleavages}")
        if not 1 <= self.min_length <= self.max_length:
            raise InputError(
                "peptide lengths must satisfy 1 <= min_length <= max_length, got "
                f"{self.min_length} and {self.max_length}"
            )

    def peptides(self, proteome: Proteome, alphabet: ResidueAlphabet) -> list[str]:
        """Digest a proteome into distinct peptides, I and L taken as one.

        Parameters
        ----------
        proteome : Proteome
            The proteins.
        alphabet : ResidueAlphabet
            Peptides with letters that it lacks (X, B, U, ...) are left out.

        Returns
        -------
        list of str
            Bare sequences in an order that depends on each sequence alone: the first n are a
            random sample, which hardly changes when proteins are added or reordered.

        Raises
        ------
        InputError
            If nothing is left.
        """
        letters = {residue.name for residue in alphabet.residues} | set(alphabet.implied)
        distinct: dict[str, str] = {}
        unreadable: set[str] = set()
        n_proteins = 0
        for protein in proteome.sequences():
            n_proteins += 1
            for peptide in self._cleave(protein):
                if letters.issuperset(peptide):
                    # Of I/L twins the alphabetically first is kept: the order of the proteins
                    # must not decide.
                    key = identity(peptide)
                    distinct[key] = min(peptide, distinct.get(key, peptide))
                else:
                    unreadable.add(peptide)
        if unreadable:
            logger.info("left out %d peptides with residues not in %r", len(unreadable), alphabet)
        if not distinct:
            raise InputError(self._empty(n_proteins, len(unreadable), alphabet))
        order = sorted(distinct, key=lambda key: (stable_hash(key, "digest order"), key))
        return [distinct[key] for key in order]

    def provenance(self) -> dict[str, Any]:
        """Describe the digest by its parameters."""
        return asdict(self)

    def _cleave(self, protein: str) -> set[str]:
        return parser.cleave(
            protein,
            self.enzyme,
            self.missed_cleavages,
            min_length=self.min_length,
            max_length=self.max_length,
        )

    def _empty(self, n_proteins: int, n_unreadable: int, alphabet: ResidueAlphabet) -> str:
        return (
            f"the digest of {n_proteins} proteins with {self.enzyme} ({self.missed_cleavages} "
            f"missed cleavages) has no peptide of {self.min_length}-{self.max_length} residues "
            f"in the alphabet {alphabet.name!r} ({n_unreadable} had other letters); give more "
            "proteins or widen the limits"
        )
