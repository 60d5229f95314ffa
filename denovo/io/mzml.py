"""Read spectra from mzML files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from denovo.io.binary import NO_COMPRESSION, NUMPRESS, ZLIB, compression_of, decode_array
from denovo.io.fields import NEGATIVE_MODE, SECONDS_PER, scan_of_native_id
from denovo.io.peaks import finish_peaks
from denovo.io.precursors import activation_of, require_narrow
from denovo.io.spectrum import (
    MeasuredSpectrum,
    Origin,
    Rejected,
    SpectrumError,
    number,
    number_if_any,
    require_ms2,
    whole_number,
)
from denovo.io.xml_stream import children, walk
from denovo.typing import Float64, ndarray

# Accessions of the PSI-MS vocabulary, https://github.com/HUPO-PSI/psi-ms-CV.
_MS_LEVEL, _MS1, _NEGATIVE = "MS:1000511", "MS:1000579", "MS:1000129"
_PROFILE, _TITLE, _START_TIME = "MS:1000128", "MS:1000796", "MS:1000016"
_UNITS = {
    **{"UO:0000028": "ms", "UO:0000010": "s", "UO:0000031": "min", "UO:0000032": "h"},
    **{"MS:1000039": "s", "MS:1000038": "min"},  # before the Unit Ontology had them
}
_SELECTED_MZ, _CHARGE, _POSSIBLE_CHARGE = "MS:1000744", "MS:1000041", "MS:1000633"
_TARGET_MZ, _LOWER_OFFSET, _UPPER_OFFSET = "MS:1000827", "MS:1000828", "MS:1000829"
_MZ_ARRAY, _INTENSITY_ARRAY = "MS:1000514", "MS:1000515"
_TYPES = {"MS:1000519": "<i4", "MS:1000521": "<f4", "MS:1000522": "<i8", "MS:1000523": "<f8"}
_COMPRESSIONS = {
    "MS:1000576": NO_COMPRESSION,
    "MS:1000574": ZLIB,
    **{"MS:1002312": NUMPRESS[0], "MS:1002313": NUMPRESS[1], "MS:1002314": NUMPRESS[2]},
    **{"MS:1002746": NUMPRESS[3], "MS:1002747": NUMPRESS[4], "MS:1002748": NUMPRESS[5]},
}


class _Term(NamedTuple):
    """Value, name and unit of a cvParam."""

    value: str
    name: str
    unit: str


_Terms = dict[str, _Term]


# The elements are read here and not by `pyteomics.mzml`, which ends with the first spectrum that is
# damaged, keeps an empty element of each spectrum in memory, and leaves entities to the defaults of
# lxml. The tests compare the two.
def scan_mzml(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the spectra of an mzML file one after the other, whatever state they are in.

    The precursor is the first selected ion, or the target of the isolation window where the file
    states no m/z of an ion; spectra of data-independent acquisition are rejected. Profile spectra
    are centroided.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip, with or without an index.

    Yields
    ------
    MeasuredSpectrum or Rejected
        One for each spectrum, in the order of the file.

    Raises
    ------
    FileError
        If the file cannot be read, or not any further.
    """
    groups: dict[str, _Terms] = {}
    index = 0
    ends = ("referenceableParamGroup", "spectrum", "chromatogram", "offset")
    for _, element in walk(path, ends):
        if element.tag.endswith("referenceableParamGroup"):
            groups[element.get("id", "")] = _terms(element, {})
        elif element.tag.endswith("spectrum"):
            yield _record(element, str(path), index, groups)
            index += 1


def _record(
    element: Any, file: str, index: int, groups: dict[str, _Terms]
) -> MeasuredSpectrum | Rejected:
    terms = _terms(element, groups)
    title = terms[_TITLE].value if _TITLE in terms else ""
    native_id = element.get("id") or f"index={index}"
    scan = scan_of_native_id(native_id)
    origin = Origin(file, index, native_id, title, element.sourceline or 0, scan)
    try:
        return _spectrum(element, terms, origin, groups)
    except SpectrumError as fault:
        return origin.rejected(fault)


def _spectrum(
    element: Any, terms: _Terms, origin: Origin, groups: dict[str, _Terms]
) -> MeasuredSpectrum:
    require_ms2(1 if _MS1 in terms else whole_number(_value(terms, _MS_LEVEL), "the MS level"))
    if _NEGATIVE in terms:
        raise SpectrumError(NEGATIVE_MODE)
    precursor = _precursor(element, groups)
    return origin.spectrum(
        finish_peaks(*_points(element, groups), True if _PROFILE in terms else None),
        precursor.mz,
        precursor.charges,
        retention_time=_retention_time(element, groups),
        note=precursor.note,
        activation=precursor.activation,
    )


def _terms(element: Any, groups: dict[str, _Terms]) -> _Terms:
    """Collect the cvParams right under an element, those of its parameter groups included."""
    found: _Terms = {}
    for child in children(element, "referenceableParamGroupRef"):
        found.update(groups.get(child.get("ref", ""), {}))
    for child in children(element, "cvParam"):
        found[child.get("accession", "")] = _Term(
            child.get("value", ""), child.get("name", ""), child.get("unitAccession", "")
        )
    return found


def _value(terms: _Terms, accession: str) -> str | None:
    return terms[accession].value if accession in terms else None


class _Precursor(NamedTuple):
    """What is known of a precursor: its m/z in Th, charges to try, a note, how it was broken."""

    mz: float | None = None
    charges: tuple[int, ...] = ()
    note: str = ""
    activation: str = ""


def _precursor(element: Any, groups: dict[str, _Terms]) -> _Precursor:
    for precursor in children(element, "precursorList", "precursor"):
        mz, charges = _selected_ion(precursor, groups)
        window = next(children(precursor, "isolationWindow"), None)
        stated = {} if window is None else _terms(window, groups)
        target = number(_value(stated, _TARGET_MZ), "the precursor m/z") or None
        offsets = (number_if_any(_value(stated, key)) for key in (_LOWER_OFFSET, _UPPER_OFFSET))
        width = sum(filter(None, offsets), 0.0)
        used = next(children(precursor, "activation"), None)
        names = [] if used is None else [term.name for term in _terms(used, groups).values()]
        note = require_narrow(width, is_ion_known=mz not in (None, target) or bool(charges))
        return _Precursor(mz or target, charges, note, activation_of(names))
    return _Precursor()


def _selected_ion(
    precursor: Any, groups: dict[str, _Terms]
) -> tuple[float | None, tuple[int, ...]]:
    """Read m/z and charges of the first selected ion; None and nothing where they are 0."""
    for ion in children(precursor, "selectedIonList", "selectedIon"):
        terms = _terms(ion, groups)
        mz = number(_value(terms, _SELECTED_MZ), "the precursor m/z") or None
        charge = whole_number(_value(terms, _CHARGE), "the precursor charge")
        # The term for a possible charge is repeated, so it is not looked up by its accession.
        possible = [
            whole_number(child.get("value"), "a possible precursor charge")
            for child in children(ion, "cvParam")
            if child.get("accession") == _POSSIBLE_CHARGE
        ]
        charges = (charge,) if charge else tuple(each for each in possible if each)
        if mz or charges:
            return mz, charges
    return None, ()


def _retention_time(element: Any, groups: dict[str, _Terms]) -> float | None:
    for scan in children(element, "scanList", "scan"):
        if term := _terms(scan, groups).get(_START_TIME):
            time = number_if_any(term.value)
            return None if time is None else time * SECONDS_PER[_UNITS.get(term.unit, "s")]
    return None


def _points(
    element: Any, groups: dict[str, _Terms]
) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " other"]]:
    found: dict[str, ndarray] = {}
    for array in children(element, "binaryDataArrayList", "binaryDataArray"):
        terms = _terms(array, groups)
        for wanted in {_MZ_ARRAY, _INTENSITY_ARRAY} & terms.keys():
            found[wanted] = _decoded(array, terms)
    empty = np.zeros(0)
    return found.get(_MZ_ARRAY, empty), found.get(_INTENSITY_ARRAY, empty)


def _decoded(array: Any, terms: _Terms) -> Float64[ndarray, " value"]:
    dtype = next((_TYPES[key] for key in terms if key in _TYPES), None)
    stated = [_COMPRESSIONS[key] for key in terms if key in _COMPRESSIONS]
    unknown = [term.name for key, term in terms.items() if _is_compression(key, term)]
    compression = unknown[0] if unknown and not stated else compression_of(stated)
    if dtype is None and compression in (ZLIB, NO_COMPRESSION):
        raise SpectrumError("the type of its binary data is not stated")
    text = next((binary.text for binary in children(array, "binary")), None)
    return decode_array(text, np.dtype(dtype or "<f8"), compression).astype(np.float64)


def _is_compression(accession: str, term: _Term) -> bool:
    return accession not in _COMPRESSIONS and term.name.endswith("compression")
