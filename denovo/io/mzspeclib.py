"""Reader of annotated spectra in libraries of the mzSpecLib text format."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from denovo.io.entry_fields import (
    UNITS,
    charges_of,
    require_positive_mode,
    scan_of,
    seconds_of,
)
from denovo.io.peaks import check_number, finish_peaks, parse_points
from denovo.io.precursors import precursor_mz_of
from denovo.io.spectrum import Origin, require_ms2, whole_number
from denovo.io.text_entries import TextEntry, TextReader
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_OUTER = {"mzSpecLib", "AttributeSet", "Spectrum", "Cluster"}
"""Sections that end an entry."""
_SECTION = re.compile(r"<(\w+)(?:[ =]([^>]*))?>")
_ATTRIBUTE = re.compile(r"(?:\[(\w+)\])?((?:MS|UO):\d+)\|[^=]*=(.*)")
_CHARGE_SUFFIX = re.compile(r"/\d+$")
# Accessions of the PSI-MS vocabulary, https://github.com/HUPO-PSI/psi-ms-CV.
_NAME, _LEVEL, _N_PEAKS, _SET = "MS:1003061", "MS:1000511", "MS:1003059", "MS:1003212"
_PRECURSORS = ("MS:1003208", "MS:1000744", "MS:1003053")
"""Measured monoisotopic m/z, selected ion m/z, and theoretical m/z."""
_CHARGE, _SCAN, _POLARITY, _ADDUCT = "MS:1000041", "MS:1003057", "MS:1000465", "MS:1003055"
_TIMES, _UNIT = ("MS:1000894", "MS:1000016"), "UO:0000000"
_PEPTIDES = ("MS:1003270", "MS:1003169")


def scan_mzspeclib(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the entries of an mzSpecLib text library.

    Attribute sets provide the values that an entry does not state. The first of several analytes
    gives peptide and charge.
    """
    return _Reader(path).records()


@dataclass
class _Entry(TextEntry):
    """An entry, whose fields are attributes by accession; an empty line ends its points."""

    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        title = self.fields.get(_NAME, "")
        return self.origin_of(title, scan_of(self.fields.get(_SCAN), title))

    def spectrum(self, origin: Origin) -> MeasuredSpectrum:
        values = ChainMap(self.fields, dict(self.defaults))
        require_ms2(whole_number(values.get(_LEVEL), "the MS level"))
        require_positive_mode([values.get(_POLARITY, "").partition("|")[2]], [values.get(_ADDUCT)])
        points = parse_points(self.points)
        n_announced = whole_number(values.get(_N_PEAKS), "the number of peaks")
        note = check_number(n_announced, self.points, not self.cut_off)
        peptide = next((values[key] for key in _PEPTIDES if key in values), "")
        time = next((key for key in _TIMES if key in values), "")
        unit = values.get(f"{time} {_UNIT}", "").partition("|")[0]
        return origin.spectrum(
            finish_peaks(*points),
            precursor_mz_of(map(values.get, _PRECURSORS)),
            charges_of(values.get(_CHARGE), "the charge"),
            peptide=_CHARGE_SUFFIX.sub("", peptide) or None,
            retention_time=seconds_of(values.get(time), UNITS.get(unit, "s")),
            note=note,
        )


class _Reader(TextReader[_Entry]):
    stray_reason = (
        "expected an entry that starts with <Spectrum=...>; is this an mzSpecLib text library?"
    )

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._section = ""
        self._sets: dict[tuple[str, str], dict[str, str]] = {}
        self._set: dict[str, str] | None = None
        self._grouped: dict[str, str] = {}

    def take(self, text: str, line: int) -> Sequence[_Entry | Rejected]:
        match = _SECTION.fullmatch(text)
        entry = self.entry if self._section == "Peaks" else None
        if match and match[1] in _OUTER:
            ended = self.finish()
            self._enter(match[1], match[2] or "", line)
            return ended
        if not text:
            if entry:
                entry.is_ended = True
        elif self.is_stray or (entry and (entry.is_ended or text.startswith("<"))):
            return [*self.finish(), *self.stray(line)]
        elif match:
            self._section, self._grouped = match[1], {}
        elif entry:
            entry.add_point(text, line)
        elif attribute := _ATTRIBUTE.fullmatch(text):
            self._attribute(attribute[1] or "", attribute[2], attribute[3].strip())
        return ()

    def _enter(self, section: str, name: str, line: int) -> None:
        self._section, self._grouped, self._set = section, {}, None
        self.is_stray = False
        if section == "AttributeSet":
            kind, _, label = name.partition("=")
            self._set = self._sets.setdefault((kind, label), {})
        elif section == "Spectrum":
            defaults = self._sets.get(("Spectrum", "all"), {})
            defaults = {**self._sets.get(("Analyte", "all"), {}), **defaults}
            self.begin(_Entry(self.path, self.n_entries, line, defaults=defaults))

    def _attribute(self, group: str, accession: str, value: str) -> None:
        target = self.entry.fields if self.entry else self._set
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
