"""Peptides that hold every residue, weighed by pyteomics, and what deviates from that."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from pyteomics import mass

from denovo.chemistry import FIRST_RESIDUE, ResidueAlphabet, Vocabulary
from denovo.typing import Float64, ndarray

_N_RESIDUES = 7
_PEPTIDES_PER_ENTRY = 3
"""More equations than unknowns, so that a small alphabet has its rank too."""

_OTHER_STARTS = (0, 1, 2, 3, 5, 6, 7, 8)
"""Numbers that the first residue might have in a table that is not ours."""

_RECOGNISED = 0.8
"""Share of residues that must fit another start; twins such as I and L need not."""

_N_NAMED = 3
"""Residues named in a sentence before the rest is only counted."""


@dataclass(frozen=True)
class MassCheck:
    """Whether one part of the program weighs peptides as pyteomics does.

    Parameters
    ----------
    room : str
        Which part, such as ``"losses"``.
    quantity : str
        What of it was weighed.
    deviations : dict of str to float
        Residues that weigh too much (positive) or too little, in Da; empty if all is well.
    remark : str
        What else is wrong, or what seems to be the cause.
    """

    room: str
    quantity: str
    deviations: dict[str, float] = field(default_factory=dict)
    remark: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.deviations and not self.remark

    def __str__(self) -> str:
        named = [f"{name} by {shift:+.6g} Da" for name, shift in self.deviations.items()]
        rest = len(named) - _N_NAMED
        listed = ", ".join(named[:_N_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        return "; ".join(part for part in (listed, self.remark) if part) or "ok"


class CoveringPeptides:
    """Peptides from which the mass of every entry of an alphabet can be told.

    Parameters
    ----------
    vocabulary : Vocabulary
        The table that everything is compared with.
    names : sequence of sequences of str
        Entries of the alphabet that make up each peptide.

    Attributes
    ----------
    masses : array [peptide], float64
        Neutral mass of each peptide by pyteomics, summed over elements, in Da.
    texts : list of str
        The peptides in ProForma.
    """

    def __init__(self, vocabulary: Vocabulary, names: Sequence[Sequence[str]]) -> None:
        self.vocabulary = vocabulary
        self.names = [list(peptide) for peptide in names]
        self.texts = ["".join(peptide) for peptide in self.names]
        self.masses: Float64[ndarray, " peptide"] = np.array(
            [oracle_mass(peptide, vocabulary.alphabet) for peptide in self.names]
        )
        entries = vocabulary.tokens[FIRST_RESIDUE:]
        counts = [[peptide.count(entry) for entry in entries] for peptide in self.names]
        self._composition: Float64[ndarray, "peptide entry"] = np.array(counts, dtype=np.float64)
        assert np.linalg.matrix_rank(self._composition) == len(entries)

    @classmethod
    def draw(cls, vocabulary: Vocabulary, seed: int = 0) -> "CoveringPeptides":
        """Draw peptides that between them hold every residue and N-terminal modification.

        Parameters
        ----------
        vocabulary : Vocabulary
            The entries.
        seed : int
            Equal seeds give equal peptides.
        """
        entries = vocabulary.alphabet.residues
        residues = [entry.name for entry in entries if not entry.is_n_terminal]
        starts = [[], *([entry.name] for entry in entries if entry.is_n_terminal)]
        random = np.random.default_rng(seed)
        names = []
        for i in range(_PEPTIDES_PER_ENTRY * len(entries) + _N_RESIDUES):
            others = random.choice(residues, _N_RESIDUES - 1)
            names.append([*starts[i % len(starts)], residues[i % len(residues)], *map(str, others)])
        return cls(vocabulary, names)

    def without_last(self) -> "CoveringPeptides":
        """Return the same peptides, each shorter by its last residue."""
        return CoveringPeptides(self.vocabulary, [peptide[:-1] for peptide in self.names])

    def compare(
        self,
        room: str,
        quantity: str,
        masses: Float64[ndarray, " peptide"],
        tolerance: float = 1e-6,
    ) -> MassCheck:
        """Find out which residues a part of the program weighs otherwise than pyteomics.

        The masses of peptides are linear in their composition, so the residues at fault follow
        from the differences by least squares.

        Parameters
        ----------
        room, quantity : str
            What was weighed, for the report.
        masses : array [peptide], float64
            Neutral masses in Da, water included, in the order of the peptides.
        tolerance : float
            Deviation of a residue in Da that counts as none.
        """
        if not np.isfinite(masses).all():
            odd = self.texts[int(np.flatnonzero(~np.isfinite(masses))[0])]
            return MassCheck(room, quantity, remark=f"{odd} has no mass")
        shifts = np.linalg.lstsq(self._composition, masses - self.masses, rcond=None)[0]
        entries = self.vocabulary.tokens[FIRST_RESIDUE:]
        deviations = {
            entry: float(shift)
            for entry, shift in zip(entries, shifts, strict=True)
            if abs(shift) > tolerance
        }
        cause = self._cause(shifts, tolerance) if deviations else ""
        return MassCheck(room, quantity, deviations, cause)

    def _cause(self, shifts: Float64[ndarray, " entry"], tolerance: float) -> str:
        """Recognise a table that was numbered from another start."""
        own = self.vocabulary.masses.numpy()
        found = own[FIRST_RESIDUE:] + shifts
        for start in _OTHER_STARTS:
            supposed = own[start : start + len(found)]
            n_met = (np.abs(found[: len(supposed)] - supposed) <= tolerance).sum()
            if n_met > _RECOGNISED * len(supposed):
                return f"as if residues were numbered from {start} instead of {FIRST_RESIDUE}"
        return ""


def oracle_mass(names: Sequence[str], alphabet: ResidueAlphabet) -> float:
    """Weigh a peptide with pyteomics alone.

    Parameters
    ----------
    names : sequence of str
        Entries of the alphabet.
    alphabet : ResidueAlphabet
        Gives letters and formulas, no masses.

    Returns
    -------
    float
        Neutral monoisotopic mass in Da, from the elemental composition of sequence and
        modifications.
    """
    entries = [alphabet.by_name[name] for name in names]
    letters = "".join(entry.amino_acid for entry in entries)
    formulas = [entry.modification.formula for entry in entries if entry.modification]
    modified = sum(mass.calculate_mass(formula=formula) for formula in formulas)
    return float(mass.calculate_mass(sequence=letters) + modified)
