"""Assignment of the peaks of a spectrum to the ions of a peptide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    PROTON_MASS,
    WATER_MASS,
    Tolerance,
    mass_to_mz,
)
from denovo.chemistry.internal_fragments import SIZES
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE
from denovo.typing import Float64, ndarray

ALL_KINDS = "ybpaIm"
"""Kinds of ions, the simplest first: y, b, precursor, a, immonium, internal."""
_LOSSES = (WATER_MASS, AMMONIA_MASS)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@runtime_checkable
class NamedResidue(Protocol):
    """A residue or a modification of the N-terminus, such as ``"M[UNIMOD:35]"``."""

    @property
    def name(self) -> str:
        """ProForma; a modification of the N-terminus ends in ``-``."""
        ...

    @property
    def mass(self) -> float:
        """Monoisotopic mass in Da."""
        ...


@dataclass(frozen=True)
class Ion:
    """A theoretical ion of a peptide.

    Parameters
    ----------
    kind : str
        ``"y"``, ``"b"``, ``"a"``, ``"p"`` (precursor), ``"I"`` (immonium), ``"m"`` (internal).
    label : str
        Label like ``"y7"`` or ``"b9²⁺"``; ``"M"`` for the precursor, the letters of the residues of
        an internal fragment; empty for an ion that lost water or ammonia.
    mz : float
        m/z in Th.
    ordinal : int
        Number of residues from the terminus; 0 for ions without a terminus.
    charge : int
        Number of protons.
    """

    kind: str
    label: str
    mz: float
    ordinal: int = 0
    charge: int = 1


def explain_peaks(
    mz: Float64[ndarray, " peak"],
    residues: Sequence[NamedResidue],
    charge: int,
    tolerance: Tolerance = FRAGMENT_TOLERANCE,
    kinds: str = "yb",
) -> list[Ion | None]:
    """Find the simplest ion of a peptide for each peak.

    Parameters
    ----------
    mz : array [peak], float64
        Peaks, in Th.
    residues : sequence of NamedResidue
        The peptide from the N-terminus, its modifications first.
    charge : int
        Charge of the precursor.
    tolerance : Tolerance
        Largest distance of a peak from its ion.
    kinds : str
        Some of `ALL_KINDS`.

    Returns
    -------
    list of Ion or None
        One entry per peak; see `ions_of`.
    """
    ions = ions_of(residues, charge, kinds)
    if not ions:
        return [None] * len(mz)
    theoretical = np.array([ion.mz for ion in ions])
    is_near = np.abs(mz[:, None] - theoretical) <= tolerance.half_width(theoretical)
    first = is_near.argmax(axis=1)
    return [ions[k] if near[k] else None for k, near in zip(first, is_near, strict=True)]


def ions_of(residues: Sequence[NamedResidue], charge: int, kinds: str = "yb") -> list[Ion]:
    """List the ions of a peptide, the simplest first.

    Fragments carry at least one proton, and fewer than the precursor. With kinds beyond b and y,
    losses of water and ammonia follow after all intact ions, but before immonium ions and internal
    fragments, which match peaks by chance.
    """
    whole = [*_whole_ions(residues, charge, "".join(k for k in kinds if k not in "Im"))]
    lost = [
        Ion(ion.kind, "", ion.mz - loss / ion.charge, ion.ordinal, ion.charge)
        for ion in whole
        for loss in _LOSSES
        if kinds not in ("yb", "by")
    ]
    return [*whole, *lost, *_immonium(residues, kinds), *_internal(residues, kinds)]


def _whole_ions(residues: Sequence[NamedResidue], charge: int, kinds: str) -> Iterator[Ion]:
    is_residue = np.array([not residue.name.endswith("-") for residue in residues], dtype=np.bool_)
    prefix = np.cumsum([residue.mass for residue in residues])[is_residue]
    total = sum(residue.mass for residue in residues) + WATER_MASS
    n = len(prefix)
    for kind in sorted(kinds, key=ALL_KINDS.index):
        charges = range(1, charge + 1 if kind == "p" else max(charge, 2))
        for z in charges:
            sign = "" if z == 1 else f"{z}".translate(_SUPERSCRIPTS) + "⁺"
            if kind == "p":
                yield Ion("p", f"M{sign}", float(mass_to_mz(total, z)), charge=z)
                continue
            for ordinal in range(1, n):
                mass = total - prefix[n - ordinal - 1] if kind == "y" else prefix[ordinal - 1]
                mass -= CARBON_MONOXIDE_MASS if kind == "a" else 0.0
                yield Ion(kind, f"{kind}{ordinal}{sign}", float(mass_to_mz(mass, z)), ordinal, z)


def _immonium(residues: Sequence[NamedResidue], kinds: str) -> Iterator[Ion]:
    plain = {residue.name: residue.mass for residue in residues if len(residue.name) == 1}
    for name, mass in plain.items() if "I" in kinds else ():
        yield Ion("I", name, mass - CARBON_MONOXIDE_MASS + PROTON_MASS)


def _internal(residues: Sequence[NamedResidue], kinds: str) -> Iterator[Ion]:
    inner = [residue for residue in residues if not residue.name.endswith("-")]
    for start in range(1, len(inner)) if "m" in kinds else ():
        for size in SIZES:
            if start + size < len(inner):
                held = inner[start : start + size]
                letters = "".join(residue.name[0] for residue in held)
                yield Ion("m", letters, sum(residue.mass for residue in held) + PROTON_MASS)
