"""Identity of peptides, and stable hashes for pseudo-random choices."""

import hashlib
import re
from functools import lru_cache

from denovo.chemistry.modifications import unimod
from denovo.chemistry.proforma import bare_sequence
from denovo.chemistry.pyteomics_mass import mass

_MODIFIED = re.compile(r"([A-Z])(?:\[([^\]]*)\]|([+-]\d*\.?\d+))")
_LETTERS = "ACDEFGHIKLMNPQRSTVWY"
_SAME_MASS = 0.005
"""Largest difference of equal masses in Da; written mass shifts have two decimals or more."""


def identity(peptide: str) -> str:
    """Reduce a peptide to a key that is equal for peptides that count as the same one.

    The split, the exclusion, the overlap warnings, the clusters of evaluations and the exposure use
    this one definition. The key consists of bare letters, with I written as L. A modified residue
    with the mass of another residue becomes that one: deamidated N and D have the same spectra and
    one token. Other modifications are removed: most fragments of an oxidised peptide are those of
    the plain one.

    Examples
    --------
    >>> identity("[UNIMOD:1]-PEPTIM[UNIMOD:35]K")
    'PEPTLMK'
    >>> identity("PEPTN[Deamidated]K"), identity("PEPTDK"), identity("PEPTNK")
    ('PEPTDK', 'PEPTDK', 'PEPTNK')
    """
    read = _MODIFIED.sub(lambda match: _read_as(match[1], match[2] or match[3] or ""), peptide)
    return bare_sequence(read).replace("I", "L")


@lru_cache(maxsize=4096)
def _read_as(letter: str, tag: str) -> str:
    """Return the residue with the mass of a modified one, or the bare residue without one."""
    shift, own = mass_shift(tag), mass.std_aa_mass.get(letter)
    if shift is None or own is None:
        return letter
    gaps = {other: abs(own + shift - mass.std_aa_mass[other]) for other in _LETTERS}
    nearest = min(gaps, key=gaps.__getitem__)
    return nearest if gaps[nearest] < _SAME_MASS else letter


def mass_shift(tag: str) -> float | None:
    """Return the mass in Da of a modification, from its ProForma name or a number.

    Parameters
    ----------
    tag : str
        Text in brackets, such as ``Oxidation``, ``UNIMOD:35``, ``U:35`` or ``+15.9949``.

    Returns
    -------
    float or None
        None for an unknown name.
    """
    text = tag.split("|")[0].strip()
    if text.startswith("U:"):  # short for UNIMOD, before a number or a name
        text = text.removeprefix("U:")
        text = f"UNIMOD:{text}" if text.isdigit() else text
    try:
        return float(text)
    except ValueError:
        known = unimod().find(text)
        return None if known is None else known.mass


def stable_hash(text: str, purpose: str) -> int:
    """Hash a text to a number in [0, 2**64), equal on every machine and in every release.

    Parameters
    ----------
    text : str
        The text.
    purpose : str
        Up to 16 ASCII characters; hashes of different purposes are independent of each other.
    """
    digest = hashlib.blake2b(text.encode(), digest_size=8, person=purpose.encode())
    return int.from_bytes(digest.digest(), "big")
