"""Which modification of an alphabet is meant where a peptide gives only its mass."""

import re
from itertools import combinations
from typing import NamedTuple

from denovo.chemistry.pyteomics_mass import mass
from denovo.chemistry.residues import Modification, ResidueAlphabet

_WRITTEN = re.compile(r"(?:[A-Za-z]+:(?=[+-]))?([+-]?)(\d*)(?:\.(\d*))?")
_TOLERANCES = (0.5, 0.1, 0.01)
"""Da, for masses of no, one and two decimals: some programs round, others cut digits off."""
_FINEST = 0.005
"""Da, for masses of more decimals."""
_HYDROGEN_MASS = float(mass.calculate_mass(formula="H"))
"""Of an unmodified N-terminus."""


class WrittenMass(NamedTuple):
    """A mass as a peptide gives it.

    Parameters
    ----------
    value : float
        Da.
    tolerance : float
        How far from it a modification may be, by the decimals that it has, in Da.
    is_signed : bool
        Whether it has a sign: the others may be masses of whole residues (``M[147]``).
    """

    value: float
    tolerance: float
    is_signed: bool


def mass_of_tag(tag: str) -> WrittenMass | None:
    """Read what stands between brackets; None where that is no mass."""
    match = _WRITTEN.fullmatch(tag.split("|")[0].strip())
    if not match or not (match[2] or match[3]):
        return None
    decimals = len(match[3] or "")
    value = float(f"{match[1]}{match[2]}.{match[3] or 0}")
    tolerance = _TOLERANCES[decimals] if decimals < len(_TOLERANCES) else _FINEST
    return WrittenMass(value, tolerance, bool(match[1]))


def matching(written: WrittenMass, site: str, alphabet: ResidueAlphabet) -> list[Modification]:
    """List the modifications that a mass may mean.

    Parameters
    ----------
    written : WrittenMass
        A mass shift; without a sign also the mass of the residue with the modification, or of the
        N-terminus with its hydrogen. Whole numbers without a sign are taken for the latter first.
    site : str
        Amino acid; empty for the N-terminus.
    alphabet : ResidueAlphabet
        Has the modifications.

    Returns
    -------
    list of Modification
        Those that the site can have; one unless the mass has too few decimals to tell.
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
    """Find two modifications of the N-terminus that add up to a mass.

    Casanovo writes ``[25.9803]-`` where carbamyl is bound and ammonia lost.
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
