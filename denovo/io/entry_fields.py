"""Parsers of the fields of entries: charges, times, polarities, scan numbers."""

import re
from collections.abc import Iterable
from math import inf

from denovo.io.spectrum import SpectrumError

NEGATIVE_MODE = "measured in negative mode; only positive ions are sequenced"
SECONDS_PER = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
UNITS = {"UO:0000028": "ms", "UO:0000010": "s", "UO:0000031": "min", "UO:0000032": "h"}
"""Units of time by their accession in the Unit Ontology."""
_UNSTATED = {"", "0", "?", "-", "none", "nan", "null", "unknown", "na", "n/a", "unassigned"}
_SEPARATOR = re.compile(r"\s*(?:[,;/&|]|\b(?:and|or)\b|\s)\s*", re.IGNORECASE)
_SIGN_APART = re.compile(r"(?<=\d)\s+(?=[+-](?:\D|$))")
_CHARGE = re.compile(r"([+-]?)(\d{1,9})(?:\.0*)?([+-]?)")
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TIME = re.compile(
    rf"({_NUMBER})(?:\s*(?:-|,|to)\s*({_NUMBER}))?\s*"
    r"(?:(ms|millisec\w*)|(s|sec\w*)|(min\w*|m)|(h|hours?))?",
    re.IGNORECASE,
)
_DURATION = re.compile(
    rf"P(?:0+[YMD])*T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?", re.IGNORECASE
)
_SCAN = re.compile(r"(?:F\d+:)?(\d{1,12})(?:\s*[-,:].*)?")
_SCAN_IN_TITLE = re.compile(r"(?<![\w.])scan=(\d{1,12})(?![\w.])", re.IGNORECASE)
_SCAN_IN_NATIVE_ID = re.compile(r"(?:(?:\w+=\S+\s+)*scan(?:Id)?=|S?)(\d{1,12})(?:\s+\w+=\S+)*")
# Names of spectra in the Trans-Proteomic Pipeline: run, first scan, last scan, charge.
_SCANS_OF_TPP = re.compile(r"\.0*(\d{1,12})\.0*(\d{1,12})\.\d{0,2}(?:\.dta)?(?=$|[\s\"'~])")


def charges_of(text: str | None, what: str) -> tuple[int, ...]:
    """Read the positive charges in any spelling: ``2``, ``2+``, ``+2``, ``2.0``, ``2+ or 3+``.

    The result is empty where the text states none (``0``, ``None``, ``unknown``). A negative charge
    and other text are a `SpectrumError`, in which ``what`` names the field.
    """
    text = (text or "").strip()
    if text.lower() in _UNSTATED:
        return ()
    parts = _SEPARATOR.split(_SIGN_APART.sub("", text))
    found = [_CHARGE.fullmatch(part) for part in parts if part]
    if not all(found):
        raise SpectrumError(f"{what} must be a positive charge such as 2+, got {text[:40]!r}")
    if any("-" in match.groups() for match in found if match):
        raise SpectrumError(NEGATIVE_MODE)
    charges = [int(match[2]) for match in found if match]
    return tuple(dict.fromkeys(charge for charge in charges if charge))


def seconds_of(text: str | None, unit: str = "s") -> float | None:
    """Read a retention time in seconds: ``630``, ``6.3e2``, ``10.5 min``, ``PT630S``, ``629-631``.

    ``unit`` (a key of `SECONDS_PER`) applies to a number without one. The middle of a range counts.
    None for other text and for negative times, by which writers mark unknown ones.
    """
    text = (text or "").strip()
    if match := _DURATION.fullmatch(text):
        parts = zip(match.groups("0"), ("h", "min", "s"), strict=True)
        value = sum(float(number) * SECONDS_PER[unit] for number, unit in parts)
        return value if any(match.groups()) and value < inf else None
    match = _TIME.fullmatch(text)
    if not match:
        return None
    units = zip(match.groups()[2:], SECONDS_PER, strict=True)
    named = next((name for found, name in units if found), unit)
    start = float(match[1])
    value = (start + float(match[2] or start)) / 2 * SECONDS_PER[named]
    return value if value < inf else None


def require_positive_mode(modes: Iterable[str | None], adducts: Iterable[str | None] = ()) -> None:
    """Refuse negative polarities (``Negative``, ``N``, ``-``) and adducts (``[M-H]-``)."""
    if any(re.match(r"-|n(eg.*)?$", (mode or "").strip(), re.IGNORECASE) for mode in modes):
        raise SpectrumError(NEGATIVE_MODE)
    if any(re.search(r"\]\s*\d*-$", (adduct or "").strip()) for adduct in adducts):
        raise SpectrumError(NEGATIVE_MODE)


def scan_of(field: str | None, title: str = "") -> int | None:
    """Read the scan number of an entry from its field, or from the title; None if neither has one.

    The field is ``4711``, ``F2:4711`` or a range, whose first scan counts. The title contains
    ``scan=4711`` or ``run.4711.4711.2``; a title with several scans has no scan number.
    """
    if match := _SCAN.fullmatch((field or "").strip()):
        return int(match[1])
    named = set(map(int, _SCAN_IN_TITLE.findall(title)))
    for first, last in _SCANS_OF_TPP.findall(title):
        named |= {int(first), int(last)}
    return named.pop() if len(named) == 1 else None


def scan_of_native_id(native_id: str) -> int | None:
    """Read the scan number of a native id; None for formats that do not number scans.

    ``controllerType=0 controllerNumber=1 scan=19`` (Thermo), ``function=1 process=0 scan=19``
    (Waters), ``frame=3 scan=19`` (Bruker timsTOF), ``scanId=19`` (Agilent), ``scan=19``, ``S19``
    and ``19`` have one; ``sample=1 period=1 cycle=3 experiment=2`` has none.
    """
    match = _SCAN_IN_NATIVE_ID.fullmatch(native_id.strip())
    return int(match[1]) if match else None
