"""Read annotated spectra from spectral libraries in the mzSpecLib text format."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from denovo.io.fields import charges_of, require_positive_mode, scan_of, seconds_of
from denovo.io.peaks import (
    MAX_POINTS,
    check_number,
    finish_peaks,
    parse_points,
    too_many_points,
)
from denovo.io.precursors import precursor_mz_of
from denovo.io.spectrum import Origin, SpectrumError, require_ms2, whole_number
from denovo.io.streams import FileError, read_lines
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_STRAY = "expected an entry that starts with <Spectrum=...>; is this an mzSpecLib text library?"
_OUTER = {"mzSpecLib", "AttributeSet", "Spectrum", "Cluster"}
"""Sections that are no part of an entry."""
_SECTION = re.compile(r"<(\w+)(?:[ =]([^>]*))?>")
_ATTRIBUTE = re.compile(r"(?:\[(\w+)\])?((?:MS|UO):\d+)\|[^=]*=(.*)")
_CHARGE_SUFFIX = re.compile(r"/\d+$")
# Accessions of the PSI-MS vocabulary, https://github.com/HUPO-PSI/psi-ms-CV.
_NAME, _LEVEL, _N_PEAKS, _SET = "MS:1003061", "MS:1000511", "MS:1003059", "MS:1003212"
_PRECURSORS = ("MS:1003208", "MS:1000744", "MS:1003053")
"""Measured monoisotopic m/z, selected ion m/z, and theoretical m/z."""
_CHARGE, _SCAN, _POLARITY, _ADDUCT = "MS:1000041", "MS:1003057", "MS:1000465", "MS:1003055"
_TIMES, _UNIT = ("MS:1000894", "MS:1000016"), "UO:0000000"
_UNITS = {"UO:0000010": "s", "UO:0000028": "ms", "UO:0000031": "min", "UO:0000032": "h"}
_PEPTIDES = ("MS:1003270", "MS:1003169")


def scan_mzspeclib(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the entries of an mzSpecLib text library one after the other, whatever their state.

    Attribute sets count where an entry does not say otherwise. Of several analytes the first gives
    peptide and charge.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip.

    Yields
    ------
    MeasuredSpectrum or Rejected
        One for each entry, in the order of the file, and one for text that belongs to none.

    Raises
    ------
    FileError
        If the file cannot be read, or not any further.
    """
    scanner = _Scanner(path)
    try:
        for line, text in read_lines(path):
            yield from scanner.take(text, line)
    except FileError:
        yield from scanner.finish()
        raise
    yield from scanner.finish()


@dataclass
class _Entry:
    """Attributes and peaks of an entry as they are collected line by line."""

    path: Path
    index: int
    line: int
    defaults: Mapping[str, str]
    attributes: dict[str, str] = field(default_factory=dict)
    points: list[tuple[int, str]] = field(default_factory=list)

    def record(self, is_ended: bool) -> MeasuredSpectrum | Rejected:
        """Turn the entry into a spectrum, or say why it is none."""
        title = self.attributes.get(_NAME, "")
        scan = scan_of(self.attributes.get(_SCAN), title)
        native_id = f"index={self.index}"
        origin = Origin(str(self.path), self.index, native_id, title, self.line, scan)
        try:
            return self._spectrum(origin, is_ended)
        except SpectrumError as fault:
            return origin.rejected(fault)

    def _spectrum(self, origin: Origin, is_ended: bool) -> MeasuredSpectrum:
        values = ChainMap(self.attributes, dict(self.defaults))
        require_ms2(whole_number(values.get(_LEVEL), "the MS level"))
        require_positive_mode([values.get(_POLARITY, "").partition("|")[2]], [values.get(_ADDUCT)])
        points = parse_points(self.points)
        n_announced = whole_number(values.get(_N_PEAKS), "the number of peaks")
        note = check_number(n_announced, self.points, is_ended)
        peptide = next((values[key] for key in _PEPTIDES if key in values), "")
        time = next((key for key in _TIMES if key in values), "")
        unit = values.get(f"{time} {_UNIT}", "").partition("|")[0]
        return origin.spectrum(
            finish_peaks(*points),
            precursor_mz_of(map(values.get, _PRECURSORS)),
            charges_of(values.get(_CHARGE), "the charge"),
            _CHARGE_SUFFIX.sub("", peptide),
            seconds_of(values.get(time), _UNITS.get(unit, "s")),
            note=note,
        )


class _Scanner:
    """Keeps track of the section that a line belongs to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entry: _Entry | None = None
        self._n_entries = 0
        self._sets: dict[tuple[str, str], dict[str, str]] = {}
        self._section = ""
        self._is_closed = False
        self._is_stray = False
        self._set: dict[str, str] | None = None
        self._grouped: dict[str, str] = {}

    def take(self, text: str, line: int) -> Iterator[MeasuredSpectrum | Rejected]:
        """Take in one line, and give the entry that it finishes; an empty one closes its peaks."""
        match = _SECTION.fullmatch(text)
        is_in_peaks = self._section == "Peaks" and self._entry is not None
        if match and match[1] in _OUTER:
            yield from self.finish(is_ended=True)
            self._enter(match[1], match[2] or "", line)
        elif not text:
            self._is_closed = is_in_peaks
        elif self._is_stray or (is_in_peaks and (self._is_closed or text.startswith("<"))):
            yield from self.finish(is_ended=True)
            if not self._is_stray:
                yield Rejected(str(self._path), _STRAY, line=line)
            self._is_stray = True
        elif match:
            self._section, self._grouped = match[1], {}
        elif is_in_peaks:
            self._add_point(text, line)
        elif attribute := _ATTRIBUTE.fullmatch(text):
            self._attribute(attribute[1] or "", attribute[2], attribute[3].strip())

    def finish(self, is_ended: bool = False) -> Iterator[MeasuredSpectrum | Rejected]:
        """Give the entry that has begun; ``is_ended`` where something follows it."""
        if self._entry:
            yield self._entry.record(is_ended or self._is_closed)
        self._entry = None

    def _enter(self, section: str, name: str, line: int) -> None:
        self._section, self._grouped, self._set = section, {}, None
        self._is_closed = self._is_stray = False
        if section == "AttributeSet":
            kind, _, label = name.partition("=")
            self._set = self._sets.setdefault((kind, label), {})
        elif section == "Spectrum":
            defaults = self._sets.get(("Spectrum", "all"), {})
            defaults = {**self._sets.get(("Analyte", "all"), {}), **defaults}
            self._entry = _Entry(self._path, self._n_entries, line, defaults)
            self._n_entries += 1

    def _add_point(self, text: str, line: int) -> None:
        assert self._entry
        self._entry.points.append((line, text))
        if len(self._entry.points) > MAX_POINTS:
            raise too_many_points(line)

    def _attribute(self, group: str, accession: str, value: str) -> None:
        target = self._entry.attributes if self._entry else self._set
        if target is None or self._section.startswith("Interpretation"):
            return
        if accession == _SET and self._entry:
            for key, default in self._sets.get((self._section, value), {}).items():
                target.setdefault(key, default)
            return
        if group and accession == _UNIT:
            accession = f"{self._grouped.get(group, '')} {_UNIT}"
        elif group:
            self._grouped[group] = accession
        target.setdefault(accession, value)
