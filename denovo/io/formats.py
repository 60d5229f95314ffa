"""The formats of spectrum files: how to recognise, read and name each of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from denovo.io.mgf import scan_mgf
from denovo.io.msp import scan_msp
from denovo.io.mzml import scan_mzml
from denovo.io.mzspeclib import scan_mzspeclib
from denovo.io.mzxml import scan_mzxml
from denovo.io.streams import FileError, read_head
from denovo.spectra.measured import MeasuredSpectrum, Rejected

Scan = Callable[[Path], Iterator[MeasuredSpectrum | Rejected]]
FORMATS = "mgf, mzML, mzXML, msp, sptxt and mzSpecLib text, each also as .gz"


class Term(NamedTuple):
    """Accession and name of a term in the PSI-MS vocabulary; no accession where it has none.

    See https://github.com/HUPO-PSI/psi-ms-CV.
    """

    accession: str
    name: str


class Format(NamedTuple):
    """A format of spectrum files.

    Parameters
    ----------
    scan : callable
        Reads its entries.
    term : Term
        What the format is called.
    ids : Term or None
        How its spectra are identified; None where that depends on the instrument.
    """

    scan: Scan
    term: Term
    ids: Term | None


_BY_PLACE = Term("MS:1000774", "multiple peak list nativeID format")
_BY_SCAN = Term("MS:1000776", "scan number only nativeID format")
_MGF = Format(scan_mgf, Term("MS:1001062", "Mascot MGF format"), _BY_PLACE)
_MSP = Format(scan_msp, Term("MS:1002751", "NIST MSP format"), _BY_PLACE)
_SPTXT = Format(scan_msp, Term("", "SpectraST sptxt format"), _BY_PLACE)
_MZSPECLIB = Format(scan_mzspeclib, Term("", "mzSpecLib text format"), _BY_PLACE)
_MZML = Format(scan_mzml, Term("MS:1000584", "mzML format"), None)
_MZXML = Format(scan_mzxml, Term("MS:1000566", "ISB mzXML format"), _BY_SCAN)

_ROOT = r"<(?:[\w.-]{{1,40}}:)?(?:{})\b"
_LINE = r"(?im)^[ \t]*{}[ \t]*{}"
# Searched for in the first 64 KiB, which may be anything: each pattern takes linear time.
_XML: tuple[tuple[re.Pattern[str], Format], ...] = (
    (re.compile(_ROOT.format("mzSpecLib")), _MZSPECLIB),
    (re.compile(_ROOT.format("indexedmzML|mzML")), _MZML),
    (re.compile(_ROOT.format("mzXML|msRun")), _MZXML),
)
_TEXT: tuple[tuple[re.Pattern[str], Format], ...] = (
    (re.compile(_LINE.format("BEGIN IONS", "\r?$")), _MGF),
    (re.compile(_LINE.format("LibID", ":")), _SPTXT),
    (re.compile(_LINE.format("Num ?Peaks", ":")), _MSP),
)
_BY_SUFFIX: dict[str, Format] = {
    ".mzspeclib": _MZSPECLIB,
    ".mzlib": _MZSPECLIB,
    ".mzml": _MZML,
    ".mzxml": _MZXML,
    ".mgf": _MGF,
    ".msp": _MSP,
    ".sptxt": _SPTXT,
}
_NO_IDS = Term("MS:1000824", "no nativeID format")
_DECLARED = re.compile(
    r'<cvParam\b(?=[^<>]{0,400}?\saccession="(MS:\d{7})")'
    r'(?=[^<>]{0,400}?\sname="([^"<>]{1,80} nativeID format[^"<>]{0,80})")'
)
_FIRST_ID = re.compile(r'<spectrum\b[^<>]{0,400}?\sid="([^"<>]{1,400})"')
_IDS_BY_KEYS: dict[tuple[str, ...], Term] = {
    ("index",): _BY_PLACE,
    ("scan",): _BY_SCAN,
    ("controllerType", "controllerNumber", "scan"): Term("MS:1000768", "Thermo nativeID format"),
    ("function", "process", "scan"): Term("MS:1000769", "Waters nativeID format"),
    ("sample", "period", "cycle", "experiment"): Term("MS:1000770", "WIFF nativeID format"),
    ("spectrum",): Term("MS:1000777", "spectrum identifier nativeID format"),
    ("scanId",): Term("MS:1001508", "Agilent MassHunter nativeID format"),
    ("frame", "scan"): Term("MS:1002818", "Bruker TDF nativeID format"),
}


def format_of(path: Path) -> Format:
    """Tell the format of a file by its content, and by its name only where that does not tell.

    Raises
    ------
    FileError
        If the file cannot be read, is empty, or is of no known format.
    """
    if path.is_dir():
        raise FileError(f"a folder, expected a file: {FORMATS}")
    if path.exists() and not path.is_file():
        # A pipe would be waited for without end, and could be read only once.
        raise FileError(f"not a regular file, expected one that can be read again: {FORMATS}")
    head = read_head(path)
    if not head.strip("\0 \r\n\t"):
        raise FileError("it is empty")
    for pattern, known in _XML if head.lstrip().startswith("<") else _TEXT:
        if pattern.search(head):
            return known._replace(ids=known.ids or _ids_of(head))
    for suffix in reversed([suffix.lower() for suffix in path.suffixes]):
        if suffix in _BY_SUFFIX:
            return _BY_SUFFIX[suffix]
    raise FileError(f"its format is not known; expected {FORMATS}")


def _ids_of(head: str) -> Term | None:
    """Tell how spectra are identified, as the file declares it or as the first of them shows.

    A declaration that the first id does not follow, and several of them, do not count: files keep
    those of the files that they were made of.
    """
    match = _FIRST_ID.search(head)
    keys = tuple(part.partition("=")[0] for part in match[1].split()) if match else ()
    shown = _IDS_BY_KEYS.get(keys)
    declared = {Term(*each) for each in _DECLARED.findall(head)} - {_NO_IDS}
    if len(declared) == 1 and (not match or not declared <= set(_IDS_BY_KEYS.values())):
        return declared.pop()
    return shown
