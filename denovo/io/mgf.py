"""Reader of MGF files, with the annotated peptides."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from denovo.io.entry_fields import charges_of, require_positive_mode, scan_of, seconds_of
from denovo.io.peaks import finish_peaks, parse_points
from denovo.io.spectrum import (
    HIGHEST_MZ,
    LOWEST_MZ,
    MZ_RANGE,
    Origin,
    SpectrumError,
    annotation,
    number_if_any,
    require_ms2,
    whole_number,
)
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

    def spectrum(self, origin: Origin) -> MeasuredSpectrum:
        if self.cut_off:
            raise SpectrumError(f"END IONS is missing {self.cut_off}")
        require_ms2(whole_number(self.fields.get("MSLEVEL"), "MSLEVEL="))
        require_positive_mode(map(self._stated, _MODES), map(self._stated, _ADDUCTS))
        peaks = finish_peaks(*parse_points(self.points))
        precursor_mz, charges = self._precursor_mz(), self._charges()
        return origin.spectrum(
            peaks,
            precursor_mz,
            charges,
            **annotation(self._peptide),
            retention_time=seconds_of(self.fields.get("RTINSECONDS")),
        )

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

    def take(self, text: str, line: int) -> Sequence[_Entry | Rejected]:
        # Nearly all lines are points: they are recognised first.
        if self.entry and text[:1].isdigit() and not _is_field(text):
            self.entry.add_point(text, line)
        elif not text or text.startswith(_COMMENTS):
            pass
        elif text.upper() == "BEGIN IONS":
            ended = self.finish(f"before the next BEGIN IONS in line {line}")
            self.begin(_Entry(self.path, self.n_entries, line, header=self._header))
            return ended
        elif self.entry and text.upper() == "END IONS":
            return self.finish()
        elif self.entry and _is_field(text):
            _add_field(self.entry.fields, text)
        elif self.entry:
            self.entry.add_point(text, line)
        elif "=" not in text:
            return self.stray(line)
        elif not self.n_entries:
            # After the first entry, such a line is the rest of a damaged one.
            _add_field(self._header, text)
        return ()


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
