"""Table of the formats of spectrum files: how to recognise, read and name each of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from denovo.io.frames import scan_arrow, scan_parquet
from denovo.io.mgf import scan_mgf
from denovo.io.msp import scan_msp
from denovo.io.mzml import scan_mzml
from denovo.io.mzmlb import scan_mzmlb
from denovo.io.mzspeclib import scan_mzspeclib
from denovo.io.mzxml import scan_mzxml
from denovo.io.streams import FileError, read_head
from denovo.io.vendor import scan_bruker, scan_thermo
from denovo.spectra.measured import MeasuredSpectrum, Rejected

Scan = Callable[[Path], Iterator[MeasuredSpectrum | Rejected]]
"""A reader: yields a record of every entry in the order of the file, and a rejection of text that
belongs to no entry; raises a `FileError` where the file cannot be read further."""


class Term(NamedTuple):
    """Accession and name of a term in the PSI-MS vocabulary; no accession where it has none.

    See https://github.com/HUPO-PSI/psi-ms-CV.
    """

    accession: str
    name: str


class Format(NamedTuple):
    """A format of spectrum files.

    ``label`` is its name in messages. ``pattern`` is found in the first 64 KiB of its files, in
    linear time on any text; the suffixes of names serve for files without the pattern. ``ids`` is
    the format of the identifiers of its spectra, None where that depends on the instrument.
    """

    label: str
    scan: Scan
    pattern: re.Pattern[str]
    suffixes: tuple[str, ...]
    term: Term
    ids: Term | None

    @property
    def is_markup(self) -> bool:
        """Whether files of the format start with an angle bracket."""
        return self.pattern.pattern.startswith("<")


def _root(names: str) -> re.Pattern[str]:
    return re.compile(rf"<(?:[\w.-]{{1,40}}:)?(?:{names})\b")


def _line(start: str, end: str) -> re.Pattern[str]:
    return re.compile(rf"(?im)^[ \t]*{start}[ \t]*{end}")


def _start(text: str) -> re.Pattern[str]:
    return re.compile(rf"\A{text}")


_FINNIGAN = r".{2}F\0i\0n\0n\0i\0g\0a\0n"
_BY_PLACE = Term("MS:1000774", "multiple peak list nativeID format")
_BY_SCAN = Term("MS:1000776", "scan number only nativeID format")
_MGF = Term("MS:1001062", "Mascot MGF format")
_MZML = Term("MS:1000584", "mzML format")
_MZMLB = Term("MS:1002838", "mzMLb format")
_MZXML = Term("MS:1000566", "ISB mzXML format")
_SPTXT = Term("", "SpectraST sptxt format")
_MSP = Term("MS:1002751", "NIST MSP format")
_MZSPECLIB = Term("", "mzSpecLib text format")
_PARQUET, _ARROW = Term("", "Apache Parquet"), Term("", "Apache Arrow IPC")
_BRUKER = Term("MS:1002817", "Bruker TDF format")
_RAW = Term("MS:1000563", "Thermo RAW format")
_FORMATS = (
    Format("mgf", scan_mgf, _line("BEGIN IONS", "\r?$"), (".mgf",), _MGF, _BY_PLACE),
    Format("mzML", scan_mzml, _root("indexedmzML|mzML"), (".mzml",), _MZML, None),
    Format("mzMLb", scan_mzmlb, _start(r".HDF\r?\n\x1a"), (".mzmlb",), _MZMLB, None),
    Format("mzXML", scan_mzxml, _root("mzXML|msRun"), (".mzxml",), _MZXML, _BY_SCAN),
    # Before msp, because sptxt files have the line with the number of peaks, too.
    Format("sptxt", scan_msp, _line("LibID", ":"), (".sptxt",), _SPTXT, _BY_PLACE),
    Format("msp", scan_msp, _line("Num ?Peaks", ":"), (".msp",), _MSP, _BY_PLACE),
    Format(
        "mzSpecLib text",
        scan_mzspeclib,
        _root("mzSpecLib"),
        (".mzspeclib", ".mzlib"),
        _MZSPECLIB,
        _BY_PLACE,
    ),
    Format("Parquet", scan_parquet, _start("PAR1"), (".parquet",), _PARQUET, _BY_PLACE),
    Format(
        *("Arrow IPC", scan_arrow, _start("ARROW1"), (".arrow", ".ipc", ".feather")),
        *(_ARROW, _BY_PLACE),
    ),
    Format("Thermo .raw", scan_thermo, _start(_FINNIGAN), (".raw",), _RAW, None),
)
_TIMS = Format("Bruker .d", scan_bruker, _start("(?!)"), (".d",), _BRUKER, _BY_PLACE)
"""The only format of folders."""
"""All formats, in the order in which their patterns are tried."""
_LABELS = [*(known.label for known in _FORMATS), "Bruker .d"]
FORMATS = f"{', '.join(_LABELS[:-1])} and {_LABELS[-1]}, those of text also as .gz"
"""Names of the formats, for messages."""

NO_IDS = Term("MS:1000824", "no nativeID format")
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
    """Recognise the format of a file by its content, or by its name if the content is unknown."""
    if path.is_dir() and path.suffix.lower() in _TIMS.suffixes:
        return _TIMS
    if path.exists() and not path.is_file():
        # Reading a pipe could block forever, and the file is read twice.
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise FileError(f"{kind}, expected a file: {FORMATS}")
    head = read_head(path)
    if not head.strip("\0 \r\n\t"):
        raise FileError("it is empty")
    is_markup = head.lstrip().startswith("<")
    for known in _FORMATS:
        if known.is_markup == is_markup and known.pattern.search(head):
            return known._replace(ids=known.ids or _ids_of(head))
    if known := format_by_name(path):
        return known
    raise FileError(f"its format is not known; expected {FORMATS}")


def format_by_name(path: Path) -> Format | None:
    """Recognise the format of a file by its suffixes; None if they are unknown."""
    fitting = (
        k for suffix in reversed(path.suffixes) for k in _FORMATS if suffix.lower() in k.suffixes
    )
    return next(fitting, None)


def ids_of(native_id: str) -> Term | None:
    """Recognise the format of an identifier by its keys."""
    return _IDS_BY_KEYS.get(tuple(part.partition("=")[0] for part in native_id.split()))


def _ids_of(head: str) -> Term | None:
    """Return the format of the identifiers, declared in the head or recognised at the first one.

    Files keep the declarations of the files that they were made from: a declaration does not count
    if the first identifier does not follow it, or if there are several.
    """
    match = _FIRST_ID.search(head)
    shown = ids_of(match[1]) if match else None
    declared = {Term(*each) for each in _DECLARED.findall(head)} - {NO_IDS}
    if len(declared) == 1 and (not match or not declared <= set(_IDS_BY_KEYS.values())):
        return declared.pop()
    return shown
