"""Reader of mzXML files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from denovo.io.binary import ZLIB, decode_array
from denovo.io.entry_fields import (
    charges_of,
    require_positive_mode,
    scan_of_native_id,
    seconds_of,
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
from denovo.io.xml_stream import children, local_name, walk
from denovo.spectra.measured import MeasuredSpectrum, Rejected
from denovo.typing import Float64, ndarray


@dataclass
class _Scan:
    """A scan element that has started, and whether its record was yielded."""

    element: Any
    index: int
    is_done: bool = False


# Not `pyteomics.mzxml`, for the reasons given at `scan_mzml`. The tests compare the two.
def scan_mzxml(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the scans of an mzXML file, with or without an index; scans may be nested."""
    open_scans: list[_Scan] = []
    index = 0
    analyzers: list[str] = []
    for event, element in walk(path, ("scan", "offset", "msMassAnalyzer"), ("scan",)):
        name = local_name(element)
        if name == "msMassAnalyzer":
            analyzers.append(element.get("value", ""))
        elif name == "scan":
            # The peaks of a scan precede the scans nested in it, so it is complete before them.
            if open_scans and not open_scans[-1].is_done:
                open_scans[-1].is_done = True
                yield _record(open_scans[-1], str(path), analyzers)
            if event == "start":
                open_scans.append(_Scan(element, index))
                index += 1
            else:
                open_scans.pop()


def _record(scan: _Scan, file: str, analyzers: list[str]) -> MeasuredSpectrum | Rejected:
    element = scan.element
    scan_number = element.get("num")
    native_id = f"scan={scan_number}" if scan_number else f"index={scan.index}"
    number_of_scan = scan_of_native_id(scan_number or "")
    origin = Origin(file, scan.index, native_id, "", element.sourceline or 0, number_of_scan)
    return origin.record(lambda origin: _spectrum(element, origin, analyzers))


def _spectrum(element: Any, origin: Origin, analyzers: list[str]) -> MeasuredSpectrum:
    require_ms2(whole_number(element.get("msLevel"), "the MS level"))
    filter_line = element.get("filterLine", "")
    require_positive_mode([element.get("polarity"), *filter_line.split(" ")[1:2]])
    precursors = list(children(element, "precursorMz"))
    ion, note = precursor_of(list(map(_isolated, precursors)))
    methods = (precursor.get("activationMethod", "") for precursor in precursors[:1])
    return origin.spectrum(
        finish_peaks(*_points(element)),
        ion.mz,
        ion.charges,
        retention_time=seconds_of(element.get("retentionTime")),
        note=note,
        activation=activation_of(methods),
        # Of an instrument with several analyzers, only the filter line names the one that was used.
        analyzer=analyzer_of(filter_line, analyzers if len(analyzers) == 1 else ()),
    )


def _isolated(precursor: Any) -> Isolated:
    mz = number(precursor.text, "the precursor m/z")
    charges = charges_of(precursor.get("precursorCharge"), "the precursor charge")
    possible = charges_of(precursor.get("possibleCharges"), "possibleCharges")
    width = number_if_any(precursor.get("windowWideness")) or 0.0
    return Isolated((Ion(mz, charges or possible),), mz, mz, width)


def _points(element: Any) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " point"]]:
    peaks = next(children(element, "peaks"), None)
    if peaks is None:
        return np.zeros(0), np.zeros(0)
    content = peaks.get("contentType") or peaks.get("pairOrder") or "m/z-int"
    if content != "m/z-int":
        raise SpectrumError(f"its peaks are stored as {content!r}, expected 'm/z-int'")
    width = {"32": 4, "64": 8, None: 4}.get(peaks.get("precision"))
    if width is None:
        raise SpectrumError(f"its precision is {peaks.get('precision')!r}, expected 32 or 64")
    compressions = [ZLIB] if peaks.get("compressionType") == "zlib" else []
    values = decode_array(peaks.text, np.dtype(f">f{width}"), compressions).astype(np.float64)
    if len(values) % 2:
        raise SpectrumError("its binary data are damaged (an m/z without an intensity)")
    return values[0::2].copy(), values[1::2].copy()
