"""UNIMOD, and rules of modifications such as ``Phospho@STY:0.15``."""

import difflib
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree

from denovo.chemistry.residues import RESIDUES, Modification, ResidueAlphabet
from denovo.errors import InputError

_TABLES = ("psims", "controlled_vocabulary", "vendor", "unimod_tables.xml.gz")
_ROW = re.compile(r"\{[^}]*\}(\w+)_row")
_NEEDED = ("alt_names", "brick2element", "bricks", "modifications")
_PART = re.compile(r"([0-9]*[A-Za-z]+)(?:\((-?\d+)\))?")
_ISOTOPE = re.compile(r"(\d+)([A-Z][a-z]?)")

_Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Unimod:
    """Modifications by accession, and accessions by every name of UNIMOD in lower case."""

    modifications: dict[str, Modification]
    accessions: dict[str, str]

    def find(self, text: str) -> Modification | None:
        """Look up a modification by accession or name, ignoring case; None if there is none."""
        key = text.strip()
        return self.modifications.get(self.accessions.get(key.lower(), key.upper()))

    def nearest(self, text: str, n_names: int = 3) -> list[str]:
        """Return the names that are most similar to a text, the nearest first."""
        names = {m.name.lower(): m.name for m in self.modifications.values()}
        found = difflib.get_close_matches(text.strip().lower(), names, n_names, 0.5)
        return [names[name] for name in found]


@cache
def unimod() -> Unimod:
    """Read the UNIMOD table once: every entry of known composition, with masses of pyteomics."""
    rows = _read()
    symbols = {row["record_id"]: row["brick"] for row in rows["bricks"]}
    bricks: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows["brick2element"]:
        bricks[symbols[row["brick_key"]]][row["element"]] = int(row["num_element"])
    modifications: dict[str, Modification] = {}
    accessions: dict[str, str] = {}
    for row in rows["modifications"]:
        formula = _formula(row["composition"], bricks)
        if formula:
            accession = f"UNIMOD:{row['record_id']}"
            name = row["ex_code_name"] or row["code_name"]
            modifications[accession] = Modification(accession, name, formula)
    # ProForma names take precedence over other names.
    for key in ("ex_code_name", "code_name", "full_name"):
        for row in rows["modifications"]:
            accessions.setdefault(row[key].lower(), f"UNIMOD:{row['record_id']}")
    for row in rows["alt_names"]:
        accessions.setdefault(row["alt_name"].lower(), f"UNIMOD:{row['mod_key']}")
    return Unimod(modifications, accessions)


def observed_alphabet(modified: Iterable[str], fixed: Container[str]) -> ResidueAlphabet:
    """Return the alphabet of peptides in which these modified residues occur.

    Parameters
    ----------
    modified : iterable of str
        Modified residues and N-terminal modifications, ``"M[UNIMOD:35]"``, ``"[UNIMOD:1]-"``.
        Modifications that are neither in UNIMOD nor a formula are left out.
    fixed : container of str
        Modified residues that do not occur unmodified.
    """
    entries: dict[str, Modification] = {}
    always = set()
    for token in modified:
        letter, _, tag = token.partition("[")
        if modification := find_modification(tag.rstrip("]-")):
            entries[f"{letter}[{modification.accession}]{'' if letter else '-'}"] = modification
            if token in fixed:
                always.add(letter)
    residues = [letter for letter in RESIDUES if letter not in always]
    residues += [entry for entry in entries if entry[0] != "["]
    modifications = {m.accession: {"name": m.name, "formula": m.formula} for m in entries.values()}
    n_terminal = [entry for entry in entries if entry[0] == "["]
    return ResidueAlphabet("observed", residues, modifications, n_terminal)


def find_modification(tag: str) -> Modification | None:
    """Find a modification by its accession, its name in UNIMOD or its formula.

    Parameters
    ----------
    tag : str
        What stands in brackets in ProForma: ``"UNIMOD:35"``, ``"Oxidation"``,
        ``"Formula:C8H10N2"``.
    """
    formula = tag.removeprefix("Formula:")
    if formula != tag and _FORMULA.fullmatch(formula):
        return Modification(tag, formula, formula)
    return unimod().find(tag)


def _read() -> _Rows:
    rows: _Rows = {name: [] for name in _NEEDED}
    with files(_TABLES[0]).joinpath(*_TABLES[1:]).open("rb") as packed, gzip.open(packed) as xml:
        for _, element in ElementTree.iterparse(xml):
            match = _ROW.fullmatch(element.tag)
            if match and match[1] in rows:
                rows[match[1]].append(dict(element.attrib))
            element.clear()
    return rows


def _formula(composition: str, bricks: dict[str, dict[str, int]]) -> str:
    """Write ``"13C(6) Hex(-1)"`` as a formula of elements in the notation of pyteomics."""
    elements: Counter[str] = Counter()
    for symbol, count in _PART.findall(composition):
        for element, number in bricks[symbol].items():
            elements[element] += number * int(count or 1)
    return "".join(_element(name, number) for name, number in elements.items() if number)


def _element(name: str, number: int) -> str:
    isotope = _ISOTOPE.fullmatch(name)
    symbol = f"{isotope[2]}[{isotope[1]}]" if isotope else name
    return symbol if number == 1 else f"{symbol}{number}"


FIXED = "fixed"

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
class ModificationRule:
    """A modification with its sites and its frequency.

    Parameters
    ----------
    modification : Modification
        The modification.
    letters : str
        One-letter codes of the residues that carry it.
    starts : str or None
        First residues of the peptides that carry it on the N-terminus; empty for any residue, None
        if it does not occur there.
    probability : float or None
        Probability at each site; None for a fixed modification, which every site carries.
    """

    modification: Modification
    letters: str
    starts: str | None
    probability: float | None


def parse_modification_rule(line: str) -> ModificationRule:
    """Read a modification rule.

    Parameters
    ----------
    line : str
        ``<modification>@<sites>:<frequency>``. The modification is a name or accession of UNIMOD,
        or ``name/formula`` for one that UNIMOD does not have; ProForma then contains the formula.
        Sites are one-letter codes, ``N-term``, ``N-termQC`` (where the peptide starts with one of
        these), or several joined by ``+``. The frequency is a probability at each site, or
        ``fixed``.

    Raises
    ------
    InputError
        If the line cannot be read, or UNIMOD has no modification of this name; the message lists
        similar names.

    Examples
    --------
    >>> rule = parse_modification_rule("Phospho@STY:0.15")
    >>> rule.modification.accession, rule.letters, rule.probability
    ('UNIMOD:21', 'STY', 0.15)
    """
    match = _LINE.fullmatch(line.strip())
    if not match:
        raise InputError(f"cannot read the modification {line!r}; {_HOW_TO}")
    letters, starts = _sites(match["sites"], line)
    return ModificationRule(
        _modification(match["name"], line), letters, starts, _how(match["how"], line)
    )


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
                f"modification {line!r}: {site!r} is not a site; expected one-letter codes such as "
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
            f"modification {line!r}: {text!r} is neither a probability from 0 to 1 nor {FIXED!r}"
        )
    return probability
