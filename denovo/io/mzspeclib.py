"""Read annotated spectra from spectral libraries in the mzSpecLib text format."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from denovo.io.peaks import finish_peaks, parse_points
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
from denovo.io.streams import FileError, read_lines

_SECTION = re.compile(r"<(\w+)(?:[ =]([^>]*))?>")
_ATTRIBUTE = re.compile(r"(?:\[(\w+)\])?((?:MS|UO):\d+)\|[^=]*=(.*)")
_CHARGE_SUFFIX = re.compile(r"/\d+$")
# Accessions of the PSI-MS vocabulary, https://github.com/HUPO-PSI/psi-ms-CV.
_NAME, _LEVEL, _N_PEAKS, _SET = "MS:1003061", "MS:1000511", "MS:1003059", "MS:1003212"
_PRECURSORS = ("MS:1003208", "MS:1000744", "MS:1003053")
"""Measured monoisotopic m/z, selected ion m/z, and theoretical m/z, the first that is there."""
_CHARGE, _TIME, _UNIT, _MINUTE = "MS:1000041", "MS:1000894", "UO:0000000", "UO:0000031"
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
        One for each entry, in the order of the file.

    Raises
    ------
    FileError
        If the file cannot be read, or not any further.
    """
    scanner = _Scanner(path)
    try:
        for line, text in read_lines(path):
            if text and (finished := scanner.take(text, line)):
                yield finished.record()
    except FileError:
        if scanner.entry:
            yield scanner.entry.record()
        raise
    if scanner.entry:
        yield scanner.entry.record()


@dataclass
class _Entry:
    """Attributes and peaks of an entry as they are collected line by line."""

    path: Path
    index: int
    line: int
    defaults: Mapping[str, str]
    attributes: dict[str, str] = field(default_factory=dict)
    points: list[tuple[int, str]] = field(default_factory=list)

    def record(self) -> MeasuredSpectrum | Rejected:
        """Turn the entry into a spectrum, or say why it is none."""
        title = self.attributes.get(_NAME, "")
        origin = Origin(str(self.path), self.index, f"index={self.index}", title, self.line)
        try:
            return self._spectrum(origin)
        except SpectrumError as fault:
            return origin.rejected(fault)

    def _spectrum(self, origin: Origin) -> MeasuredSpectrum:
        values = ChainMap(self.attributes, dict(self.defaults))
        require_ms2(whole_number(values.get(_LEVEL), "the MS level"))
        points = parse_points(self.points)
        n_announced = whole_number(values.get(_N_PEAKS), "the number of peaks")
        if n_announced is not None and n_announced != len(points[0]):
            raise SpectrumError(
                f"{n_announced} peaks are announced but {len(points[0])} follow; "
                "is the file complete?"
            )
        precursor = next((values[key] for key in _PRECURSORS if key in values), None)
        peptide = next((values[key] for key in _PEPTIDES if key in values), "")
        time = number_if_any(values.get(_TIME))
        if time is not None and values.get(f"{_TIME} {_UNIT}", "").startswith(_MINUTE):
            time *= 60
        return origin.spectrum(
            finish_peaks(*points, None),
            number(precursor, "the precursor m/z"),
            whole_number(values.get(_CHARGE), "the charge"),
            _CHARGE_SUFFIX.sub("", peptide),
            time,
        )


class _Scanner:
    """Keeps track of the section that a line belongs to."""

    def __init__(self, path: Path) -> None:
        self.entry: _Entry | None = None
        self._path = path
        self._n_entries = 0
        self._sets: dict[tuple[str, str], dict[str, str]] = {}
        self._section = ""
        self._set: dict[str, str] | None = None
        self._grouped: dict[str, str] = {}

    def take(self, text: str, line: int) -> _Entry | None:
        """Take in one line; return the entry that it finishes."""
        if match := _SECTION.fullmatch(text):
            return self._enter(match[1], match[2] or "", line)
        if self._section == "Peaks" and self.entry:
            self.entry.points.append((line, text))
        elif match := _ATTRIBUTE.fullmatch(text):
            self._attribute(match[1] or "", match[2], match[3].strip())
        return None

    def _enter(self, section: str, name: str, line: int) -> _Entry | None:
        finished = None
        self._set, self._grouped = None, {}
        if section == "AttributeSet":
            kind, _, label = name.partition("=")
            self._set = self._sets.setdefault((kind, label), {})
        elif section in ("Spectrum", "Cluster"):
            finished, self.entry = self.entry, None
            if section == "Spectrum":
                defaults = self._sets.get(("Spectrum", "all"), {})
                defaults = {**self._sets.get(("Analyte", "all"), {}), **defaults}
                self.entry = _Entry(self._path, self._n_entries, line, defaults)
                self._n_entries += 1
        self._section = section
        return finished

    def _attribute(self, group: str, accession: str, value: str) -> None:
        target = self.entry.attributes if self.entry else self._set
        if target is None or self._section.startswith("Interpretation"):
            return
        if accession == _SET and self.entry:
            for key, default in self._sets.get((self._section, value), {}).items():
                target.setdefault(key, default)
            return
        if group and accession == _UNIT:
            accession = f"{self._grouped.get(group, '')} {_UNIT}"
        elif group:
            self._grouped[group] = accession
        target.setdefault(accession, value)
