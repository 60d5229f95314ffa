"""Read spectra from MGF files, with the peptide that an annotated file gives each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from denovo.errors import InputError
from denovo.io.fields import charges_of, require_positive_mode, scan_of, seconds_of
from denovo.io.peaks import MAX_POINTS, finish_peaks, parse_points, too_many_points
from denovo.io.spectrum import (
    HIGHEST_MZ,
    LOWEST_MZ,
    MZ_RANGE,
    Origin,
    SpectrumError,
    require_ms2,
    whole_number,
)
from denovo.io.streams import FileError, read_lines
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_COMMENTS = tuple("#;!/")
_MODES = ("IONMODE", "ION_MODE", "POLARITY", "IONIZATION_MODE", "SCAN_POLARITY")
_ADDUCTS = ("ADDUCT", "ION", "PRECURSORTYPE", "PRECURSOR_TYPE")
_SCANS = ("SCANS", "SCAN", "SCAN_NUMBER")
_LISTED_MODIFICATIONS = re.compile(r"\d{1,6}-MOD:\d+(,\d{1,6}-MOD:\d+)*")
_STRAY = "expected BEGIN IONS or KEY=value; is this an MGF file?"
_PSI_MOD = {"MOD:00425": "UNIMOD:35", "MOD:00397": "UNIMOD:4"}


def scan_mgf(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the entries of an MGF file one after the other, whatever state they are in.

    Points of zero intensity are dropped and profile spectra centroided. Where a field is repeated
    the first one counts. A charge as third value of ``PEPMASS=`` comes before that of ``CHARGE=``.
    An entry without a title is called by the scan of ``SCANS=``. ``SEQ=`` is handed on as it is;
    modifications listed beside it as ``USER03=13-MOD:00425`` (position from 1 and PSI-MOD
    accession, as PRIDE Cluster writes them) are put into it.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip.

    Yields
    ------
    MeasuredSpectrum or Rejected
        One for each entry, in the order of the file, and one for each stretch of text between
        entries that belongs to none.

    Raises
    ------
    FileError
        If the file cannot be read, or not any further.
    """
    for item in _entries(path):
        yield item if isinstance(item, Rejected) else item.record()


def read_mgf(path: str | Path) -> Iterator[MeasuredSpectrum]:
    """Read a faultless MGF file, or stop at its first fault.

    As `scan_mgf`, but every entry needs a charge, and profile spectra are not centroided: their
    points arrive as peaks.

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
        If the file cannot be read or holds no spectra, or if an entry is malformed; names the line
        and the spectrum.
    """
    is_empty = True
    try:
        for item in _entries(Path(path).expanduser()):
            is_empty = False
            record = item if isinstance(item, Rejected) else item.record(centroids=False)
            if isinstance(record, Rejected):
                raise InputError(record.sentence)
            assert not isinstance(item, Rejected)
            yield item.require_charge(record)
    except FileError as fault:
        raise InputError(f"{path}: {fault}; give the path of an MGF file") from fault
    if is_empty:
        raise InputError(
            f"{path}: no spectra found; expected MGF entries between BEGIN IONS and END IONS"
        )


# A scanner of our own instead of `pyteomics.mgf`: that one passes over peaks without an intensity
# and entries without an end, keeps the last of repeated fields, and cannot say in which entry or
# line a fault lies. The tests compare the two on well-formed files.
@dataclass
class _Entry:
    """Fields and peaks of an entry as they are collected line by line."""

    path: Path
    index: int
    line: int
    header: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    points: list[tuple[int, str]] = field(default_factory=list)
    fault: SpectrumError | None = None

    @property
    def origin(self) -> Origin:
        """Where the entry stands."""
        title = self.fields.get("TITLE", "")
        stated = next((self.fields[key] for key in _SCANS if key in self.fields), None)
        scan = scan_of(stated, title)
        if not title and scan is not None:
            title = f"scan={scan}"
        return Origin(str(self.path), self.index, f"index={self.index}", title, self.line, scan)

    def add(self, text: str, line: int) -> None:
        """Take in one line between ``BEGIN IONS`` and ``END IONS``."""
        if "=" in text and not _starts_with_number(text):
            key, _, value = text.partition("=")
            self.fields.setdefault(key.strip().upper(), value.strip())
        else:
            self.points.append((line, text))

    def record(self, centroids: bool = True) -> MeasuredSpectrum | Rejected:
        """Turn the entry into a spectrum, or say why it is none."""
        try:
            if self.fault:
                raise self.fault
            return self._spectrum(centroids)
        except SpectrumError as fault:
            return self.origin.rejected(fault)

    def require_charge(self, spectrum: MeasuredSpectrum) -> MeasuredSpectrum:
        """Refuse a spectrum without one charge, or with an annotation that cannot be read."""
        fault = spectrum.peptide_fault
        if spectrum.precursor_charge is None:
            stated = self._stated("CHARGE")
            fault = (
                "CHARGE= is missing; give the precursor charge, such as CHARGE=2+"
                if stated is None
                else f"CHARGE= must be one positive charge such as 2+, got {stated!r}"
            )
        if fault:
            raise InputError(self.origin.rejected(SpectrumError(fault)).sentence)
        return spectrum

    def _spectrum(self, centroids: bool) -> MeasuredSpectrum:
        require_ms2(whole_number(self.fields.get("MSLEVEL"), "MSLEVEL="))
        require_positive_mode(map(self._stated, _MODES), map(self._stated, _ADDUCTS))
        points = parse_points(self.points)
        peaks = finish_peaks(*points, centroids)
        precursor_mz, charges = self._precursor_mz(), self._charges()
        fault = None
        try:
            peptide = self._peptide()
        except SpectrumError as error:
            peptide, fault = None, str(error)
        time = seconds_of(self.fields.get("RTINSECONDS"))
        return self.origin.spectrum(peaks, precursor_mz, charges, peptide, time, fault)

    def _precursor_mz(self) -> float:
        text = self.fields.get("PEPMASS")
        if text is None:
            raise SpectrumError("PEPMASS= is missing; give the precursor m/z")
        try:
            precursor_mz = float(text.split()[0])
        except (ValueError, IndexError):
            precursor_mz = 0.0
        if not LOWEST_MZ <= precursor_mz <= HIGHEST_MZ:
            raise SpectrumError(f"PEPMASS= must start with an m/z {MZ_RANGE}, got {text[:40]!r}")
        return precursor_mz

    def _stated(self, key: str) -> str | None:
        """Look a field up in the entry, and in the head of the file where it is missing."""
        return self.fields.get(key, self.header.get(key))

    def _charges(self) -> tuple[int, ...]:
        """Read the charges; none where none is stated."""
        values = self.fields.get("PEPMASS", "").split(maxsplit=2)
        # Without an intensity the charge comes second, told by its sign.
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


def _starts_with_number(text: str) -> bool:
    """Tell a point, whose label may hold anything, from a field."""
    try:
        float(text.split(maxsplit=1)[0])
    except ValueError:
        return False
    return True


def _entries(path: Path) -> Iterator[_Entry | Rejected]:
    """Cut a file into entries, and report text that belongs to none."""
    scanner = _Scanner(path)
    try:
        for line, text in read_lines(path):
            # Nearly all lines are peaks; the others may take their time.
            if text[:1].isdigit() and scanner.add_point(text, line):
                continue
            if text and not text.startswith(_COMMENTS):
                yield from scanner.take(text, line)
    except FileError as error:
        yield from scanner.finish(f"where the file breaks off ({error})")
        raise
    yield from scanner.finish("at the end of the file; is it complete?")


class _Scanner:
    """Keeps track of the entry that a line belongs to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entry: _Entry | None = None
        self._header: dict[str, str] = {}
        self._n_entries = 0
        self._is_stray = False

    def add_point(self, text: str, line: int) -> bool:
        """Take in a line if it is a point of an entry, and tell whether it is."""
        if self._entry is None or ("=" in text and not _starts_with_number(text)):
            return False
        self._entry.points.append((line, text))
        if len(self._entry.points) > MAX_POINTS:
            raise too_many_points(line)
        return True

    def take(self, text: str, line: int) -> Iterator[_Entry | Rejected]:
        """Take in one line, and give the entry that it finishes."""
        if text.upper() == "BEGIN IONS":
            yield from self.finish(f"before the next BEGIN IONS in line {line}")
            self._entry = _Entry(self._path, self._n_entries, line, self._header)
            self._n_entries, self._is_stray = self._n_entries + 1, False
        elif self._entry and text.upper() == "END IONS":
            yield self._entry
            self._entry = None
        elif self._entry:
            self._entry.add(text, line)
        elif "=" in text:
            self._add_to_header(text)
        elif not self._is_stray:
            self._is_stray = True
            yield Rejected(str(self._path), _STRAY, line=line)

    def finish(self, where: str) -> Iterator[_Entry]:
        """Give the entry that has begun and has no end."""
        if self._entry:
            self._entry.fault = SpectrumError(f"END IONS is missing {where}")
            yield self._entry
        self._entry = None

    def _add_to_header(self, text: str) -> None:
        # Behind an entry such lines are what is left of a damaged one, and hold for no other.
        if not self._n_entries:
            key, _, value = text.partition("=")
            self._header.setdefault(key.strip().upper(), value.strip())
