"""Readers of the files of instruments, Bruker .d and Thermo .raw, through ms2rescore_rs.

ms2rescore_rs 0.6 reads all MS2 spectra of a file into memory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from denovo.io.entry_fields import scan_of_native_id
from denovo.io.peaks import finish_peaks
from denovo.io.spectrum import Origin
from denovo.io.streams import FileError
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_TIMS_FILES = ("analysis.tdf", "analysis.tdf_bin")
_CONVERT = "convert it to mzML with msconvert of ProteoWizard"
_SECONDS_PER_MINUTE = 60.0


def content_files(path: Path) -> list[Path]:
    """List the files that hold the spectra of a path: itself, or those of a timsTOF run."""
    return [file for file in (path, *(path / name for name in _TIMS_FILES)) if file.is_file()]


def scan_bruker(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the spectra of a timsTOF run, a folder with the suffix .d."""
    missing = [name for name in _TIMS_FILES if not (path / name).is_file()]
    if missing:
        raise FileError(
            f"the folder has no {' and '.join(missing)}, which each timsTOF run has; give the "
            f"whole run, or {_CONVERT}"
        )
    # Times are in seconds here, and in minutes in Thermo files.
    return _scan(path, f"Bruker run cannot be read by ms2rescore_rs; {_CONVERT}", 1.0)


def scan_thermo(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the spectra of a Thermo run, which needs the .NET runtime."""
    advice = (
        "Thermo run cannot be read by ms2rescore_rs, which needs the .NET 8 runtime "
        "(https://dotnet.microsoft.com) and centroided spectra; "
        f"{_CONVERT} or with ThermoRawFileParser"
    )
    return _scan(path, advice, _SECONDS_PER_MINUTE)


def _scan(path: Path, advice: str, seconds: float) -> Iterator[MeasuredSpectrum | Rejected]:
    # Only here, as few runs need it.
    from ms2rescore_rs import get_ms2_spectra  # pyright: ignore[reportAttributeAccessIssue]

    try:
        spectra = get_ms2_spectra(str(path))
    except BaseException as error:
        # A panic of Rust is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise FileError(f"this {advice} ({reason})") from error
    return (_record(each, str(path), index, seconds) for index, each in enumerate(spectra))


def _record(found: Any, file: str, index: int, seconds: float) -> MeasuredSpectrum | Rejected:
    name = str(found.identifier)
    native_id = name if "=" in name else f"index={index}"
    origin = Origin(file, index, native_id, name, scan=scan_of_native_id(native_id))

    def spectrum(origin: Origin) -> MeasuredSpectrum:
        points = (np.array(each, dtype=np.float64) for each in (found.mz, found.intensity))
        ion = found.precursor
        time = ion.rt * seconds if ion and ion.rt > 0 else None
        mz, charge = (ion.mz or None, ion.charge) if ion else (None, None)
        return origin.spectrum(finish_peaks(*points), mz, charge, retention_time=time)

    return origin.record(spectrum)
