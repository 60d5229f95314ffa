"""Reader of MGF files, with the annotated peptides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from denovo.errors import InputError
from denovo.io.fields import charges_of, require_positive_mode, scan_of, seconds_of
from denovo.io.peaks import finish_peaks, parse_points
from denovo.io.spectrum import (
    HIGHEST_MZ,
    LOWEST_MZ,
    MZ_RANGE,
    Origin,
    SpectrumError,
    number_if_any,
    require_ms2,
    whole_number,
)
from denovo.io.streams import FileError
from denovo.io.text_entries import TextEntry, TextReader
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_COMMENTS = tuple("#;!/")
_MODES = ("IONMODE", "ION_MODE", "POLARITY", "IONIZATION_MODE", "SCAN_POLARITY")
_ADDUCTS = ("ADDUCT", "ION", "PRECURSORTYPE", "PRECURSOR_TYPE")
_SCANS = ("SCANS", "SCAN", "SCAN_NUMBER")
_LISTED_MODIFICATIONS = re.compile(r"\d{1,6}-MOD:\d+(,\d{1,6}-MOD:\d+)*")
_PSI_MOD = {"MOD:00425": "UNIMOD:35", "MOD:00397": "UNIMOD:4"}


def scan_mgf(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the entries of an MGF file.

    The first of repeated fields counts. A charge as third value of ``PEPMASS=`` precedes that of
    ``CHARGE=``. The scan of ``SCANS=`` replaces a missing title. ``SEQ=`` is kept as written, with
    the modifications of ``USER03=13-MOD:00425`` (position from 1 and PSI-MOD accession, as in
    PRIDE Cluster) inserted.
    """
    return _Reader(path).records()


def read_mgf(path: str | Path) -> Iterator[MeasuredSpectrum]:
    """Read an MGF file without faults, and stop at the first fault.

    As `open_spectra`, but every entry needs one charge, and profile spectra are not centroided.

    Parameters
    ----------
    path : str or Path
        The file, plain or compressed with gzip.

    Yields
    ------
    MeasuredSpectrum
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read or has no spectra, or if an entry is malformed; names the line
        and the spectrum.
    """
    is_empty = True
    try:
        for item in _Reader(Path(path).expanduser()).entries():
            is_empty = False
            if isinstance(item, Rejected):
                raise InputError(item.sentence)
            yield item.strict_spectrum()
    except FileError as fault:
        raise InputError(f"{path}: {fault}; give the path of an MGF file") from fault
    if is_empty:
        raise InputError(
            f"{path}: no spectra found; expected MGF entries between BEGIN IONS and END IONS"
        )


# Not `pyteomics.mgf`, which skips peaks without an intensity and entries without an end, keeps the
# last of repeated fields, and does not name the entry or line of a fault. The tests compare the two
# on well-formed files.
@dataclass
class _Entry(TextEntry):
    """The lines between ``BEGIN IONS`` and ``END IONS``."""

    header: dict[str, str] = field(default_factory=dict)
    """Fields at the head of the file."""

    @property
    def origin(self) -> Origin:
        title = self.fields.get("TITLE", "")
        stated = next((self.fields[key] for key in _SCANS if key in self.fields), None)
        scan = scan_of(stated, title)
        if not title and scan is not None:
            title = f"scan={scan}"
        return self.origin_of(title, scan)

    def spectrum(self, origin: Origin, centroids: bool = True) -> MeasuredSpectrum:
        if self.cut_off:
            raise SpectrumError(f"END IONS is missing {self.cut_off}")
        require_ms2(whole_number(self.fields.get("MSLEVEL"), "MSLEVEL="))
        require_positive_mode(map(self._stated, _MODES), map(self._stated, _ADDUCTS))
        peaks = finish_peaks(*parse_points(self.points), centroids)
        precursor_mz, charges = self._precursor_mz(), self._charges()
        peptide, fault = None, None
        try:
            peptide = self._peptide()
        except SpectrumError as error:
            fault = str(error)
        time = seconds_of(self.fields.get("RTINSECONDS"))
        return origin.spectrum(peaks, precursor_mz, charges, peptide, time, fault)

    def strict_spectrum(self) -> MeasuredSpectrum:
        """Convert to a spectrum with one charge and a readable annotation, without centroiding."""
        try:
            spectrum = self.spectrum(self.origin, centroids=False)
            if spectrum.precursor_charge is None:
                stated = self._stated("CHARGE")
                raise SpectrumError(
                    "CHARGE= is missing; give the precursor charge, such as CHARGE=2+"
                    if stated is None
                    else f"CHARGE= must be one positive charge such as 2+, got {stated!r}"
                )
            if spectrum.peptide_fault:
                raise SpectrumError(spectrum.peptide_fault)
        except SpectrumError as fault:
            raise InputError(self.origin.rejected(fault).sentence) from fault
        return spectrum

    def _precursor_mz(self) -> float:
        text = self.fields.get("PEPMASS")
        if text is None:
            raise SpectrumError("PEPMASS= is missing; give the precursor m/z")
        precursor_mz = number_if_any("".join(text.split()[:1])) or 0.0
        if not LOWEST_MZ <= precursor_mz <= HIGHEST_MZ:
            raise SpectrumError(f"PEPMASS= must start with an m/z {MZ_RANGE}, got {text[:40]!r}")
        return precursor_mz

    def _stated(self, key: str) -> str | None:
        """Look a field up in the entry, and in the head of the file where it is missing."""
        return self.fields.get(key, self.header.get(key))

    def _charges(self) -> tuple[int, ...]:
        values = self.fields.get("PEPMASS", "").split(maxsplit=2)
        # Where PEPMASS= has no intensity, the charge is the second value and has a sign.
        text = values[2] if len(values) > 2 else "".join(v for v in values[1:] if v[-1] in "+-")
        of_field = charges_of(self._stated("CHARGE"), "CHARGE=")
        return charges_of(text, "the third value of PEPMASS=") or of_field

    def _peptide(self) -> str | None:
        sequence = self.fields.get("SEQ")
        listed = self.fields.get("USER03", "")
        if not sequence or not _LISTED_MODIFICATIONS.fullmatch(listed):
            return sequence or None
        if not sequence.isalpha():
            raise SpectrumError("modifications stand both in SEQ= and in USER03=; keep one of them")
        residues = list(sequence)
        for item in listed.split(","):
            position, accession = item.split("-")
            if not 1 <= int(position) <= len(sequence):
                raise SpectrumError(f"USER03={listed} points outside SEQ={sequence}")
            residues[int(position) - 1] += f"[{_PSI_MOD.get(accession, accession)}]"
        return "".join(residues)


class _Reader(TextReader[_Entry]):
    stray_reason = "expected BEGIN IONS or KEY=value; is this an MGF file?"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._header: dict[str, str] = {}

    def add_point(self, text: str, line: int) -> bool:
        if self.entry is None or _is_field(text):
            return False
        self.entry.add_point(text, line)
        return True

    def take(self, text: str, line: int) -> Iterator[_Entry | Rejected]:
        if not text or text.startswith(_COMMENTS):
            return
        if text.upper() == "BEGIN IONS":
            yield from self.finish(f"before the next BEGIN IONS in line {line}")
            self.begin(_Entry(self.path, self.n_entries, line, header=self._header))
        elif self.entry and text.upper() == "END IONS":
            yield from self.finish()
        elif self.entry:
            if _is_field(text):
                _add_field(self.entry.fields, text)
            else:
                self.entry.add_point(text, line)
        elif "=" not in text:
            yield from self.stray(line)
        elif not self.n_entries:
            # After the first entry, such a line is the rest of a damaged one.
            _add_field(self._header, text)


def _add_field(fields: dict[str, str], text: str) -> None:
    key, _, value = text.partition("=")
    fields.setdefault(key.strip().upper(), value.strip())


def _is_field(text: str) -> bool:
    """Distinguish a field from a point, whose label may contain an equals sign."""
    if "=" not in text:
        return False
    try:
        float(text.split(maxsplit=1)[0])
    except ValueError:
        return True
    return False
