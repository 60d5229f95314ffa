"""Read annotated spectra from MSP and sptxt libraries (NIST, SpectraST)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from denovo.io.fields import charges_of, require_positive_mode, scan_of, seconds_of
from denovo.io.modstring import peptide_of
from denovo.io.peaks import (
    MAX_POINTS,
    check_number,
    finish_peaks,
    parse_points,
    too_many_points,
)
from denovo.io.precursors import precursor_mz_of
from denovo.io.spectrum import Origin, SpectrumError, whole_number
from denovo.io.streams import FileError, read_lines
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_STRAY = "expected an entry that starts with Name:; is this an MSP library?"
_QUOTED = re.compile(r'"[^"]*"?')
_IN_COMMENT = re.compile(
    r"(?:^|\s)(Mods|Parent|PrecursorMonoisoMZ|Charge|RetentionTime|RTINSECONDS"
    r"|Scan|ScanNum|Scans)=(\S+)"
)
_ADDUCT_IN_COMMENT = re.compile(r"(?:adduct|precursor[ _]?type)=\s*([^\s\"]+)", re.IGNORECASE)
_MODE_IN_COMMENT = re.compile(r"ion(?:ization)?[ _]?mode=\s*(\w+|-)", re.IGNORECASE)
_CHARGE_IN_NAME = re.compile(r"/(\d{1,3})(?:_|\s|$)")


# Not `mzspeclib`, which reads these formats too: it first builds an index of the whole file, and it
# would bring SQLAlchemy, pydantic and psims for three text formats. pyteomics has no MSP reader.
def scan_msp(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the entries of an MSP or sptxt library one after the other, whatever state they are in.

    An entry reaches from its ``Name:`` to the next. The precursor m/z is ``PrecursorMZ:``, or
    ``PrecursorMonoisoMZ=`` or ``Parent=`` in the comment; the charge is ``Charge:``, or stands
    behind the peptide in the name. ``MW:`` is not read: libraries do not agree whether it is a mass
    or an ion's. ``RetentionTime:`` is in minutes, as MS-DIAL writes it, ``RetentionTime=`` in the
    comment in seconds, as SpectraST does, where they name no unit.

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


class _Scanner:
    """Keeps track of the entry that a line belongs to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entry: _Entry | None = None
        self._n_entries = 0
        self._is_stray = False

    def take(self, text: str, line: int) -> Iterator[MeasuredSpectrum | Rejected]:
        """Take in one line, and give the entry that it finishes."""
        if text[:4].lower() == "name" and text[4:].lstrip().startswith(":"):
            yield from self.finish(is_ended=True)
            name = text.partition(":")[2].strip()
            self._entry = _Entry(self._path, self._n_entries, line, name)
            self._n_entries, self._is_stray = self._n_entries + 1, False
        elif self._entry and not (self._entry.is_closed and text):
            self._entry.add(text, line)
        elif text and not text.startswith("#"):
            yield from self.finish(is_ended=True)
            if not self._is_stray:
                yield Rejected(str(self._path), _STRAY, line=line)
            self._is_stray = True

    def finish(self, is_ended: bool = False) -> Iterator[MeasuredSpectrum | Rejected]:
        """Give the entry that has begun; ``is_ended`` where something follows it."""
        if self._entry:
            self._entry.is_closed |= is_ended
            yield self._entry.record()
        self._entry = None


@dataclass
class _Entry:
    """Fields and peaks of an entry as they are collected line by line."""

    path: Path
    index: int
    line: int
    name: str
    fields: dict[str, str] = field(default_factory=dict)
    points: list[tuple[int, str]] = field(default_factory=list)
    n_announced: str | None = None
    is_closed: bool = False

    def add(self, text: str, line: int) -> None:
        """Take in one line; an empty one closes the list of peaks."""
        if self.n_announced is not None:
            self.is_closed = not text
            # Labels in quotes may hold anything; some writers put several peaks on a line.
            pieces = _QUOTED.sub("", text).split(";")
            self.points += [(line, piece) for piece in pieces if piece.strip()]
            if len(self.points) > MAX_POINTS:
                raise too_many_points(line)
            return
        key, _, value = text.partition(":")
        key = key.strip().lower().replace(" ", "").replace("_", "")
        if key == "numpeaks":
            self.n_announced = value.strip()
        else:
            self.fields.setdefault(key, value.strip())

    def record(self) -> MeasuredSpectrum | Rejected:
        """Turn the entry into a spectrum, or say why it is none."""
        comment = dict(_IN_COMMENT.findall(self.fields.get("comment", "")))
        stated = (comment.get(key) for key in ("Scan", "ScanNum", "Scans"))
        scan = scan_of(next(filter(None, stated), None), self.name)
        native_id = f"index={self.index}"
        origin = Origin(str(self.path), self.index, native_id, self.name, self.line, scan)
        try:
            return self._spectrum(origin, comment)
        except SpectrumError as fault:
            return origin.rejected(fault)

    def _spectrum(self, origin: Origin, comment: dict[str, str]) -> MeasuredSpectrum:
        text = self.fields.get("comment", "")
        modes = _MODE_IN_COMMENT.findall(text)
        modes += [self.fields.get(key) for key in ("ionmode", "polarity", "ionizationmode")]
        adducts = _ADDUCT_IN_COMMENT.findall(text)
        adducts += [self.fields.get(key) for key in ("precursortype", "adduct")]
        require_positive_mode(modes, adducts)
        points = parse_points(self.points)
        n_announced = whole_number(self.n_announced, "Num peaks:")
        note = check_number(n_announced, self.points, self.is_closed)
        peaks = finish_peaks(*points)
        # NIST gives the theoretical m/z as Parent= and, in some libraries, the measured one too.
        written = (comment.get(key) for key in ("PrecursorMonoisoMZ", "Parent"))
        precursors = (self.fields.get("precursormz"), *written)
        peptide, fault = None, None
        try:
            peptide = peptide_of(self.name, comment.get("Mods"), peaks)
        except SpectrumError as error:
            fault = str(error)
        return origin.spectrum(
            peaks,
            precursor_mz_of((text or "").split(",")[0] for text in precursors),
            self._charges(comment),
            peptide,
            self._seconds(comment),
            fault,
            note,
        )

    def _charges(self, comment: dict[str, str]) -> tuple[int, ...]:
        text = self.fields.get("charge") or comment.get("Charge")
        if not text and (match := _CHARGE_IN_NAME.search(self.name)):
            text = match[1]
        return charges_of(text, "the charge")

    def _seconds(self, comment: dict[str, str]) -> float | None:
        written = self.fields.get("retentiontime") or self.fields.get("rt")
        if written:
            return seconds_of(written, "min")
        # SpectraST writes the median, then the latest and the earliest time.
        in_comment = comment.get("RTINSECONDS") or comment.get("RetentionTime", "")
        return seconds_of(in_comment.split(",")[0])
