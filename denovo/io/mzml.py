"""Reader of mzML files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from denovo.io.binary import LINEAR, POSITIVE_INTEGER, SHORT_LOGGED, ZLIB, decode_array
from denovo.io.entry_fields import (
    SECONDS_PER,
    UNITS,
    charges_of,
    require_positive_mode,
    scan_of_native_id,
)
from denovo.io.peaks import finish_peaks
from denovo.io.precursors import Ion, Isolated, activation_of, analyzer_of, precursor_of
from denovo.io.spectrum import (
    Origin,
    SpectrumError,
    number,
    number_if_any,
    require_ms2,
    whole_number,
)
from denovo.io.streams import open_bytes
from denovo.io.xml_stream import OpenFile, children, local_name, walk
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Float64, ndarray

# Accessions of the PSI-MS vocabulary, https://github.com/HUPO-PSI/psi-ms-CV.
_MS_LEVEL, _MS1, _NEGATIVE = "MS:1000511", "MS:1000579", "MS:1000129"
_TITLE, _START_TIME, _FILTER = "MS:1000796", "MS:1000016", "MS:1000512"
_UNITS = {
    **UNITS,
    **{"MS:1000039": "s", "MS:1000038": "min"},  # before the Unit Ontology had them
    **{"millisecond": "ms", "second": "s", "minute": "min", "hour": "h"},
}
"""Unit by accession, and by name where a writer gives no accession."""
_SELECTED_MZ, _CHARGE, _POSSIBLE_CHARGE = "MS:1000744", "MS:1000041", "MS:1000633"
_TARGET_MZ = "MS:1000827"
_WINDOW = ("MS:1000828", "MS:1000829", "MS:1000794", "MS:1000793")
"""Offsets of the window below and above the target, and its lower and upper limits."""
_MZ_ARRAY, _INTENSITY_ARRAY = "MS:1000514", "MS:1000515"
_TYPES = {"MS:1000519": "<i4", "MS:1000521": "<f4", "MS:1000522": "<i8", "MS:1000523": "<f8"}
_COMPRESSIONS = {
    **{"MS:1000576": (), "MS:1000574": (ZLIB,)},
    **{"MS:1002312": (LINEAR,), "MS:1002746": (LINEAR, ZLIB)},
    **{"MS:1002313": (POSITIVE_INTEGER,), "MS:1002747": (POSITIVE_INTEGER, ZLIB)},
    **{"MS:1002314": (SHORT_LOGGED,), "MS:1002748": (SHORT_LOGGED, ZLIB)},
}
"""Compressions by accession; a file may state MS-Numpress and zlib in one term or in two."""
_DATASET, _OFFSET, _LENGTH = "MS:1002841", "MS:1002842", "MS:1002843"
"""Place of the values of an array in an mzMLb file."""
_DELTA, _LINEAR = "MS:1003089", "MS:1003090"
"""Predictions of values from those before, of which mzMLb stores the differences."""

Arrays = Callable[[str, int, int], ndarray]
"""Reads values of an array by its name, from a place on, a number of them."""


class _Term(NamedTuple):
    """Value, name and unit of a cvParam."""

    value: str
    name: str
    unit: str


_Terms = Mapping[str, _Term]


@dataclass
class _Head:
    """Parts of the file that spectra refer to: terms, analyzers of instruments, and arrays."""

    groups: dict[str, _Terms] = field(default_factory=dict)
    analyzers: dict[str, list[str]] = field(default_factory=dict)
    instrument: str = ""
    arrays: Arrays | None = None

    def add(self, element: Any) -> None:
        """Store an element that precedes the spectra."""
        name = local_name(element)
        if name == "referenceableParamGroup":
            self.groups[element.get("id", "")] = _terms(element, {})
        elif name == "instrumentConfiguration":
            parts = children(element, "componentList", "analyzer")
            terms = [_terms(part, self.groups) for part in parts]
            names = [term.name for each in terms for term in each.values()]
            self.analyzers[element.get("id", "")] = names
        else:
            self.instrument = element.get("defaultInstrumentConfigurationRef", "")


# Not `pyteomics.mzml`, which stops at the first damaged spectrum, keeps an empty element of each
# spectrum in memory, and uses the defaults of lxml for entities. The tests compare the two.
def scan_mzml(
    path: Path, open_file: OpenFile = open_bytes, arrays: Arrays | None = None
) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the spectra of an mzML file, with or without an index.

    The precursor is the first selected ion, or the target of the isolation window where the file
    states no m/z of an ion; spectra of data-independent acquisition are rejected. ``open_file``
    opens the XML, and ``arrays`` reads the values that are not in it, of mzMLb.
    """
    head, index = _Head(arrays=arrays), 0
    before = ("referenceableParamGroup", "instrumentConfiguration")
    ends = (*before, "spectrum", "chromatogram", "offset")
    for _, element in walk(path, ends, ("run",), open_file):
        name = local_name(element)
        if name == "spectrum":
            yield _record(element, str(path), index, head)
            index += 1
        elif name in (*before, "run"):
            head.add(element)


def _record(element: Any, file: str, index: int, head: _Head) -> MeasuredSpectrum | Rejected:
    terms = _terms(element, head.groups)
    title = terms[_TITLE].value if _TITLE in terms else ""
    native_id = element.get("id") or f"index={index}"
    scan = scan_of_native_id(native_id)
    origin = Origin(file, index, native_id, title, element.sourceline or 0, scan)
    return origin.record(lambda origin: _spectrum(element, terms, origin, head))


def _spectrum(element: Any, terms: _Terms, origin: Origin, head: _Head) -> MeasuredSpectrum:
    require_ms2(1 if _MS1 in terms else whole_number(_value(terms, _MS_LEVEL), "the MS level"))
    scans = list(children(element, "scanList", "scan"))
    stated = [_terms(scan, head.groups) for scan in scans]
    filtered = _first(_FILTER, [*stated, terms])
    filter_line = filtered.value if filtered else ""
    require_positive_mode(["-" if _NEGATIVE in terms else None, *filter_line.split(" ")[1:2]])
    windows = list(children(element, "precursorList", "precursor"))
    ion, note = precursor_of([_isolated(window, head.groups) for window in windows])
    instruments = (scan.get("instrumentConfigurationRef") for scan in scans)
    instrument = next(filter(None, instruments), head.instrument)
    return origin.spectrum(
        finish_peaks(*_points(element, head)),
        ion.mz,
        ion.charges,
        retention_time=_seconds(_first(_START_TIME, stated)),
        note=note,
        activation=_activation(windows, head.groups),
        analyzer=analyzer_of(filter_line, head.analyzers.get(instrument, ())),
    )


def _terms(element: Any, groups: Mapping[str, _Terms]) -> _Terms:
    """Collect the cvParams that are children of an element or in its parameter groups."""
    found: dict[str, _Term] = {}
    for child in children(element, "referenceableParamGroupRef"):
        found.update(groups.get(child.get("ref", ""), {}))
    for child in children(element, "cvParam"):
        found[child.get("accession", "")] = _Term(
            child.get("value", ""),
            child.get("name", ""),
            child.get("unitAccession") or child.get("unitName", ""),
        )
    return found


def _value(terms: _Terms, accession: str) -> str | None:
    return terms[accession].value if accession in terms else None


def _first(accession: str, among: Sequence[_Terms]) -> _Term | None:
    return next((terms[accession] for terms in among if accession in terms), None)


def _isolated(precursor: Any, groups: Mapping[str, _Terms]) -> Isolated:
    ions = children(precursor, "selectedIonList", "selectedIon")
    window = next(children(precursor, "isolationWindow"), None)
    terms = {} if window is None else _terms(window, groups)
    target = number(_value(terms, _TARGET_MZ), "the isolation target")
    below, above, low, high = (number_if_any(_value(terms, key)) or 0.0 for key in _WINDOW)
    if target and (below or above):
        low, high = target - below, target + above
    centre, width = ((low + high) / 2, high - low) if low and high else (target, 0.0)
    return Isolated(tuple(_ion(ion, groups) for ion in ions), target or centre, centre, width)


def _ion(element: Any, groups: Mapping[str, _Terms]) -> Ion:
    terms = _terms(element, groups)
    charges = charges_of(_value(terms, _CHARGE), "the precursor charge")
    # The term for a possible charge is repeated, so `_terms` keeps only one of them.
    possible = (
        charges_of(child.get("value"), "a possible precursor charge")
        for child in children(element, "cvParam")
        if child.get("accession") == _POSSIBLE_CHARGE
    )
    mz = number(_value(terms, _SELECTED_MZ), "the precursor m/z")
    return Ion(mz, charges or tuple(chain.from_iterable(possible)))


def _activation(precursors: list[Any], groups: Mapping[str, _Terms]) -> str:
    used = (each for precursor in precursors[:1] for each in children(precursor, "activation"))
    return activation_of(term.name for each in used for term in _terms(each, groups).values())


def _seconds(time: _Term | None) -> float | None:
    value = number_if_any(time.value) if time else None
    if time is None or value is None:
        return None
    return value * SECONDS_PER[_UNITS.get(time.unit, "s")]


def _points(
    element: Any, head: _Head
) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " other"]]:
    found: dict[str, ndarray] = {}
    for array in children(element, "binaryDataArrayList", "binaryDataArray"):
        terms = _terms(array, head.groups)
        for wanted in {_MZ_ARRAY, _INTENSITY_ARRAY} & terms.keys():
            if _DATASET in terms and head.arrays:
                found[wanted] = _external(terms, head.arrays)
            else:
                found[wanted] = _decoded(array, terms)
    empty = np.zeros(0)
    return found.get(_MZ_ARRAY, empty), found.get(_INTENSITY_ARRAY, empty)


def _decoded(array: Any, terms: _Terms) -> Float64[ndarray, " value"]:
    dtype = next((np.dtype(_TYPES[key]) for key in terms if key in _TYPES), None)
    compressions: set[str] = set()
    for accession, term in terms.items():
        if accession in _COMPRESSIONS:
            compressions.update(_COMPRESSIONS[accession])
        elif term.name.endswith("compression"):
            raise SpectrumError(
                f"its compression ({term.name}) is unknown; write it with zlib or MS-Numpress"
            )
    text = next((binary.text for binary in children(array, "binary")), None)
    return decode_array(text, dtype, compressions).astype(np.float64)


def _external(terms: _Terms, arrays: Arrays) -> Float64[ndarray, " value"]:
    """Read the values of an array of mzMLb, whose container compresses and unpacks them."""
    numpress = [terms[key].name for key in _COMPRESSIONS.keys() & terms if _is_numpress(key)]
    if numpress:
        raise SpectrumError(f"its compression ({numpress[0]}) is not read from mzMLb")
    places = (
        whole_number(_value(terms, key), "the place of its values") for key in (_OFFSET, _LENGTH)
    )
    values = arrays(terms[_DATASET].value, *(place or 0 for place in places)).astype(np.float64)
    if _DELTA in terms:
        values[2:] = values[1:2] + np.cumsum(values[2:] - values[:1])
    elif _LINEAR in terms:
        steps = np.cumsum(values[2:] - values[1:2]) + np.diff(values[:2])
        values[2:] = values[1:2] + np.cumsum(steps)
    return values


def _is_numpress(accession: str) -> bool:
    return not {*_COMPRESSIONS[accession]} <= {ZLIB}
