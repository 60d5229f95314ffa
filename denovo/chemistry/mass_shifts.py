"""Modifications of an alphabet that fit a mass written in a peptide."""

import re
from itertools import combinations
from typing import NamedTuple

from denovo.chemistry.pyteomics_mass import mass
from denovo.chemistry.residues import Modification, ResidueAlphabet

_WRITTEN = re.compile(r"(?:[A-Za-z]+:(?=[+-]))?([+-]?)(\d*)(?:\.(\d*))?")
_TOLERANCES = (0.5, 0.1, 0.01)
"""Tolerances in Da for masses with no, one and two decimals: programs round or truncate."""
_FINEST = 0.005
"""Tolerance in Da for masses with more decimals."""
_HYDROGEN_MASS = float(mass.calculate_mass(formula="H"))
"""Mass in Da of the hydrogen of an unmodified N-terminus."""


class WrittenMass(NamedTuple):
    """Mass of a modification as written in a peptide, with a tolerance from its decimals, in Da.

    A mass without a sign may also be that of the whole residue (``M[147]``).
    """

    value: float
    tolerance: float
    is_signed: bool


def mass_of_tag(tag: str) -> WrittenMass | None:
    """Read the text between brackets as a mass; None if it is not a number."""
    match = _WRITTEN.fullmatch(tag.split("|")[0].strip())
    if not match or not (match[2] or match[3]):
        return None
    decimals = len(match[3] or "")
    value = float(f"{match[1]}{match[2]}.{match[3] or 0}")
    tolerance = _TOLERANCES[decimals] if decimals < len(_TOLERANCES) else _FINEST
    return WrittenMass(value, tolerance, bool(match[1]))


def matching(written: WrittenMass, site: str, alphabet: ResidueAlphabet) -> list[Modification]:
    """List the modifications of a site (empty: the N-terminus) that fit a mass.

    A mass without a sign may include the residue, or the hydrogen of the N-terminus; whole numbers
    without a sign are tried so first. The result has several entries where the mass has too few
    decimals.
    """
    if written.is_signed:
        return _near(written.value, written.tolerance, site, alphabet)
    own = mass.std_aa_mass.get(site, 0.0) if site else _HYDROGEN_MASS
    found = _near(written.value - own, written.tolerance, site, alphabet)
    if found and written.tolerance == _TOLERANCES[0]:
        return found
    more = _near(written.value, written.tolerance, site, alphabet)
    return found + [modification for modification in more if modification not in found]


def matching_pair(
    written: WrittenMass, alphabet: ResidueAlphabet
) -> tuple[Modification, Modification] | None:
    """Find two modifications of the N-terminus whose masses add up to a mass.

    Casanovo writes ``[25.9803]-`` for carbamylation with a loss of ammonia.
    """
    if written.tolerance > _TOLERANCES[2]:
        return None
    pairs = combinations(alphabet.modifications_at(""), 2)
    fitting = [p for p in pairs if abs(_total(p) - written.value) <= written.tolerance]
    return min(fitting, key=lambda pair: abs(_total(pair) - written.value), default=None)


def _total(pair: tuple[Modification, Modification]) -> float:
    return pair[0].mass + pair[1].mass


def _near(
    shift: float, tolerance: float, site: str, alphabet: ResidueAlphabet
) -> list[Modification]:
    known = alphabet.modifications_at(site)
    found = [each for each in known if abs(each.mass - shift) <= tolerance]
    nearest = min(found, key=lambda each: abs(each.mass - shift), default=None)
    return [nearest] if nearest and tolerance == _FINEST else found
