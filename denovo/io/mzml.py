"""Read spectra from mzML files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from denovo.io.binary import NO_COMPRESSION, ZLIB, decode_array
from denovo.io.peaks import finish_peaks
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
_CENTROID, _PROFILE, _TITLE = "MS:1000127", "MS:1000128", "MS:1000796"
_START_TIME, _MINUTE = "MS:1000016", "UO:0000031"
_SELECTED_MZ, _TARGET_MZ, _CHARGE = "MS:1000744", "MS:1000827", "MS:1000041"
_MZ_ARRAY, _INTENSITY_ARRAY = "MS:1000514", "MS:1000515"
_TYPES = {"MS:1000519": "<i4", "MS:1000521": "<f4", "MS:1000522": "<i8", "MS:1000523": "<f8"}
_NO_COMPRESSION, _ZLIB = "MS:1000576", "MS:1000574"


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

    The precursor is the first selected ion, or the target of the isolation window where none is
    listed. Profile spectra are centroided.

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
    origin = Origin(file, index, native_id, title, element.sourceline or 0)
    try:
        return _spectrum(element, terms, origin, groups)
    except SpectrumError as fault:
        return origin.rejected(fault)


def _spectrum(
    element: Any, terms: _Terms, origin: Origin, groups: dict[str, _Terms]
) -> MeasuredSpectrum:
    require_ms2(1 if _MS1 in terms else whole_number(_value(terms, _MS_LEVEL), "the MS level"))
    if _NEGATIVE in terms:
        raise SpectrumError("measured in negative mode; only positive ions are sequenced")
    precursor_mz, charge = _precursor(element, groups)
    is_profile = _PROFILE in terms if {_PROFILE, _CENTROID} & terms.keys() else None
    return origin.spectrum(
        finish_peaks(*_points(element, groups), is_profile),
        precursor_mz,
        charge,
        retention_time=_retention_time(element, groups),
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


def _precursor(element: Any, groups: dict[str, _Terms]) -> tuple[float | None, int | None]:
    for precursor in children(element, "precursorList", "precursor"):
        for ion in children(precursor, "selectedIonList", "selectedIon"):
            terms = _terms(ion, groups)
            if _SELECTED_MZ in terms:
                mz = number(terms[_SELECTED_MZ].value, "the precursor m/z")
                return mz, whole_number(_value(terms, _CHARGE), "the precursor charge")
        for window in children(precursor, "isolationWindow"):
            target = _value(_terms(window, groups), _TARGET_MZ)
            return number(target, "the precursor m/z"), None
    return None, None


def _retention_time(element: Any, groups: dict[str, _Terms]) -> float | None:
    for scan in children(element, "scanList", "scan"):
        if term := _terms(scan, groups).get(_START_TIME):
            time = number_if_any(term.value)
            return time * 60 if time is not None and term.unit == _MINUTE else time
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
    compression = [term.name for term in terms.values() if term.name.endswith("compression")]
    if _ZLIB in terms:
        compression = [ZLIB]
    elif _NO_COMPRESSION in terms or not compression:
        compression = [NO_COMPRESSION]
    if dtype is None and compression[0] in (ZLIB, NO_COMPRESSION):
        raise SpectrumError("the type of its binary data is not stated")
    text = next((binary.text for binary in children(array, "binary")), None)
    return decode_array(text, np.dtype(dtype or "<f8"), compression[0]).astype(np.float64)
