"""Alphabets of (modified) amino acids with their masses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pyteomics.auxiliary import PyteomicsError

from denovo.chemistry.pyteomics_mass import mass
from denovo.errors import InputError

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
"""Letters of the twenty amino acids."""
_RESIDUE = re.compile(r"([A-Z])(?:\[([^\]]+)\])?")
_N_TERMINAL = re.compile(r"\[([^\]]+)\]-")
_MIN_MASS = 1.0
"""Smallest mass of a residue in Da: lighter ones make countless peptides of every mass."""


@dataclass(frozen=True)
class Modification:
    """A chemical modification.

    Parameters
    ----------
    accession : str
        UNIMOD accession, ``"UNIMOD:35"``, or ``"Formula:C8H10"`` if UNIMOD does not have it.
    name : str
        Name in ProForma, ``"Oxidation"``.
    formula : str
        Elements gained and lost, ``"H-3N-1"``.
    """

    accession: str
    name: str
    formula: str
    mass: float = field(init=False)

    def __post_init__(self) -> None:
        try:
            value = mass.calculate_mass(formula=self.formula)
        except (PyteomicsError, KeyError) as error:
            raise InputError(
                f"modification {self.accession}: {self.formula!r} is not a chemical formula; "
                "write it like H3C2NO or H-3N-1"
            ) from error
        object.__setattr__(self, "mass", float(value))


@dataclass(frozen=True)
class Residue:
    """One entry of an alphabet: a residue, or a modification of the N-terminus.

    Parameters
    ----------
    name : str
        ProForma text, ``"M[UNIMOD:35]"`` or ``"[UNIMOD:1]-"``.
    amino_acid : str
        One-letter code, empty for a terminal modification.
    modification : Modification or None
        Its modification.
    mass : float
        Monoisotopic mass in Da that it adds to a peptide.
    """

    name: str
    amino_acid: str
    modification: Modification | None
    mass: float

    @property
    def is_n_terminal(self) -> bool:
        """Whether this is a modification of the N-terminus, not a residue."""
        return not self.amino_acid


class ResidueAlphabet:
    """The residues of a sequencer, in a fixed order.

    Parameters
    ----------
    name : str
        Name of the alphabet, for provenance.
    residues : sequence of str
        ProForma text of each residue, unmodified or with one UNIMOD accession.
    modifications : mapping of str to mapping
        For each accession used, its ``name`` and its ``formula``.
    n_terminal : sequence of str
        Modifications of the N-terminus, written ``"[UNIMOD:1]-"``.
    implied : mapping of str to str
        Meaning of an unmodified letter where the alphabet has only the modified residue,
        ``{"C": "C[UNIMOD:4]"}`` for fully alkylated samples.

    Raises
    ------
    InputError
        If an entry cannot be read, appears twice, or uses a modification that is not listed; if a
        residue has no positive mass.
    """

    def __init__(
        self,
        name: str,
        residues: Sequence[str],
        modifications: Mapping[str, Mapping[str, str]] | None = None,
        n_terminal: Sequence[str] = (),
        implied: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.modifications: dict[str, Modification] = {}
        for accession, entry in (modifications or {}).items():
            if set(entry) != {"name", "formula"}:
                raise InputError(
                    f"alphabet {name}: modification {accession} needs a name and a formula, "
                    f"got {', '.join(entry) or 'nothing'}"
                )
            self.modifications[accession] = Modification(accession, **entry)
        self.residues = tuple(self._read(text, _RESIDUE) for text in residues) + tuple(
            self._read(text, _N_TERMINAL) for text in n_terminal
        )
        self.by_name = {residue.name: residue for residue in self.residues}
        self.implied = dict(implied or {})
        self._check()

    def _read(self, text: str, pattern: re.Pattern[str]) -> Residue:
        match = pattern.fullmatch(text)
        if not match:
            raise InputError(
                f"alphabet {self.name}: cannot read {text!r}; write residues like G or "
                "M[UNIMOD:35] and N-terminal modifications like [UNIMOD:1]-"
            )
        amino_acid, accession = match.groups() if pattern is _RESIDUE else ("", match.group(1))
        if amino_acid and amino_acid not in mass.std_aa_mass:
            raise InputError(f"alphabet {self.name}: {amino_acid!r} is not an amino acid")
        if accession and accession not in self.modifications:
            raise InputError(
                f"alphabet {self.name}: {text} uses {accession}, which is not listed under "
                "modifications; add its name and formula there"
            )
        modification = self.modifications[accession] if accession else None
        total = mass.std_aa_mass[amino_acid] if amino_acid else 0.0
        total += modification.mass if modification else 0.0
        return Residue(text, amino_acid, modification, total)

    def _check(self) -> None:
        if len(self.by_name) != len(self.residues):
            raise InputError(f"alphabet {self.name}: an entry is listed twice")
        if not any(not residue.is_n_terminal for residue in self.residues):
            raise InputError(f"alphabet {self.name}: it has no residues")
        for residue in self.residues:
            if not residue.is_n_terminal and residue.mass < _MIN_MASS:
                raise InputError(
                    f"alphabet {self.name}: {residue.name} would weigh {residue.mass:.3f} Da, less "
                    f"than {_MIN_MASS:g} Da; leave it out or correct its formula"
                )
        for letter, meaning in self.implied.items():
            if meaning not in self.by_name or letter in self.by_name:
                raise InputError(
                    f"alphabet {self.name}: implied {letter} -> {meaning} must lead from a letter "
                    "that is not in the alphabet to a residue that is"
                )

    def find_modification(self, text: str) -> Modification | None:
        """Look up a modification by accession (``UNIMOD:35``) or name; None if it is not there."""
        return self._modification_by_name.get(text.split("|")[0].strip().lower())

    @cached_property
    def _modification_by_name(self) -> dict[str, Modification]:
        by_name: dict[str, Modification] = {}
        for modification in self.modifications.values():
            number = modification.accession.removeprefix("UNIMOD:")
            names = [modification.name, modification.accession]
            for key in (number, modification.name):
                names += [f"unimod:{key}", f"u:{key}"]
            for name in names:
                by_name.setdefault(name.lower(), modification)
        return by_name

    def modifications_at(self, site: str) -> list[Modification]:
        """List the modifications of an amino acid, or of the N-terminus where ``site`` is empty."""
        return [r.modification for r in self.residues if r.modification and r.amino_acid == site]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ResidueAlphabet)
            and self.residues == other.residues
            and self.implied == other.implied
        )

    def __hash__(self) -> int:
        return hash(self.residues)

    def __repr__(self) -> str:
        return f"ResidueAlphabet({self.name!r}, {len(self.residues)} entries)"
