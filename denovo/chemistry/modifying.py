"""Read what a modification is in one line, such as ``Phospho@STY:0.15``."""

import re
from dataclasses import dataclass

from denovo.chemistry.residues import Modification
from denovo.chemistry.unimod import unimod
from denovo.errors import InputError

FIXED = "fixed"
N_TERMINUS = "N-term"

_LINE = re.compile(r"(?P<name>.+)@(?P<sites>[^@:]+):(?P<how>[^@:]+)")
_N_TERMINAL_SITE = re.compile(r"n-?term(?P<starts>[A-Z]*)", re.IGNORECASE)
_LETTERS = re.compile(r"[ACDEFGHIKLMNPQRSTVWY]+")
_FORMULA = re.compile(r"([A-Z][a-z]?(-?\d+)?)+")
_NEW_NAME = re.compile(r"[A-Za-z][\w.>-]*")
_HOW_TO = (
    "write it like Phospho@STY:0.15, Acetyl@N-term:0.02, TMT6plex@K+N-term:fixed or, with a "
    "formula, MyTag/C8H10N2@K:0.1"
)


@dataclass(frozen=True)
class Wish:
    """A modification, where it stands and how often.

    Parameters
    ----------
    modification : Modification
        What is bound.
    letters : str
        Residues that carry it, one-letter codes.
    starts : str or None
        Residues that a peptide has to start with to carry it on its N-terminus; empty for any, None
        if it never stands there.
    probability : float or None
        At each site; None for a fixed modification, which stands at every one.
    """

    modification: Modification
    letters: str
    starts: str | None
    probability: float | None


def read_wish(line: str) -> Wish:
    """Read a modification.

    Parameters
    ----------
    line : str
        ``<modification>@<sites>:<how often>``. The modification is a name or accession of UNIMOD,
        or ``name/formula`` for one that UNIMOD does not have; ProForma then has the formula.
        Sites are one-letter codes, ``N-term``, ``N-termQC`` (where the peptide starts with one of
        these), or several with ``+`` between them. How often is a probability at each site, or
        ``fixed``.

    Returns
    -------
    Wish
        What was asked for.

    Raises
    ------
    InputError
        If the line cannot be read, or UNIMOD has no such modification; the nearest are named.

    Examples
    --------
    >>> wish = read_wish("Phospho@STY:0.15")
    >>> wish.modification.accession, wish.letters, wish.probability
    ('UNIMOD:21', 'STY', 0.15)
    """
    match = _LINE.fullmatch(line.strip())
    if not match:
        raise InputError(f"cannot read the modification {line!r}; {_HOW_TO}")
    letters, starts = _sites(match["sites"], line)
    return Wish(_modification(match["name"], line), letters, starts, _how(match["how"], line))


def _sites(text: str, line: str) -> tuple[str, str | None]:
    letters, starts = "", None
    for site in text.split("+"):
        terminal = _N_TERMINAL_SITE.fullmatch(site.strip())
        if terminal:
            starts = terminal["starts"]
        elif _LETTERS.fullmatch(site.strip()):
            letters += site.strip()
        else:
            raise InputError(
                f"modification {line!r}: {site!r} is no site; expected one-letter codes such as "
                "STY, or N-term (modifications of the C-terminus are not supported)"
            )
    return "".join(dict.fromkeys(letters)), starts


def _modification(text: str, line: str) -> Modification:
    table = unimod()
    found = table.find(text)
    if found is not None:
        return found
    name, slash, formula = text.rpartition("/")
    if slash and _NEW_NAME.fullmatch(name) and _FORMULA.fullmatch(formula):
        known = table.find(name)
        if known is not None:
            raise InputError(
                f"modification {line!r}: UNIMOD has {name} as {known.accession} ({known.formula}); "
                "leave the formula out or choose another name"
            )
        return Modification(f"Formula:{formula}", name, formula)
    nearest = table.nearest(text)
    advice = f"did you mean {' or '.join(nearest)}?" if nearest else _HOW_TO
    raise InputError(f"UNIMOD has no modification {text!r}; {advice}")


def _how(text: str, line: str) -> float | None:
    if text.strip().lower() == FIXED:
        return None
    try:
        probability = float(text)
    except ValueError:
        probability = -1.0
    if not 0 <= probability <= 1:
        raise InputError(
            f"modification {line!r}: {text!r} is no probability from 0 to 1, and not {FIXED!r}"
        )
    return probability
