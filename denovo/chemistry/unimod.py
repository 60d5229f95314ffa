"""The modifications of UNIMOD, from the copy that comes with psims: no download.

Creasy and Cottrell, Proteomics 4, 1534 (2004), doi:10.1002/pmic.200300744.
"""

import difflib
import gzip
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree

from denovo.chemistry.residues import Modification

_TABLES = ("psims", "controlled_vocabulary", "vendor", "unimod_tables.xml.gz")
_ROW = re.compile(r"\{[^}]*\}(\w+)_row")
_NEEDED = ("alt_names", "brick2element", "bricks", "modifications")
_PART = re.compile(r"([0-9]*[A-Za-z]+)(?:\((-?\d+)\))?")
_ISOTOPE = re.compile(r"(\d+)([A-Z][a-z]?)")

_Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Unimod:
    """All modifications, by what people call them.

    Parameters
    ----------
    modifications : dict of str to Modification
        By accession, ``"UNIMOD:35"``.
    accessions : dict of str to str
        Accession by name in lower case: the name of ProForma, and the other names that UNIMOD
        lists.
    """

    modifications: dict[str, Modification]
    accessions: dict[str, str]

    def find(self, text: str) -> Modification | None:
        """Look up a modification by accession or name.

        Parameters
        ----------
        text : str
            ``UNIMOD:21``, ``Phospho`` or another name of it, in any case of letters.
        """
        key = text.strip()
        return self.modifications.get(self.accessions.get(key.lower(), key.upper()))

    def nearest(self, text: str, n_names: int = 3) -> list[str]:
        """Return names that look like a text, the nearest first."""
        names = {m.name.lower(): m.name for m in self.modifications.values()}
        found = difflib.get_close_matches(text.strip().lower(), names, n_names, 0.5)
        return [names[name] for name in found]


@cache
def unimod() -> Unimod:
    """Read the table, once.

    Returns
    -------
    Unimod
        Every entry whose composition is known; masses are those of pyteomics.
    """
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
    # What ProForma calls a modification is not overruled by what others call another one.
    for key in ("ex_code_name", "code_name", "full_name"):
        for row in rows["modifications"]:
            accessions.setdefault(row[key].lower(), f"UNIMOD:{row['record_id']}")
    for row in rows["alt_names"]:
        accessions.setdefault(row["alt_name"].lower(), f"UNIMOD:{row['mod_key']}")
    return Unimod(modifications, accessions)


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
    """Write ``"13C(6) Hex(-1)"`` as a formula of elements, the way pyteomics reads it."""
    elements: Counter[str] = Counter()
    for symbol, count in _PART.findall(composition):
        for element, number in bricks[symbol].items():
            elements[element] += number * int(count or 1)
    return "".join(_element(name, number) for name, number in elements.items() if number)


def _element(name: str, number: int) -> str:
    isotope = _ISOTOPE.fullmatch(name)
    symbol = f"{isotope[2]}[{isotope[1]}]" if isotope else name
    return symbol if number == 1 else f"{symbol}{number}"
