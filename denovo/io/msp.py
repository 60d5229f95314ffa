"""Reader of annotated spectra in MSP and sptxt libraries (NIST, SpectraST)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from denovo.io.entry_fields import charges_of, require_positive_mode, scan_of, seconds_of
from denovo.io.modstring import peptide_of
from denovo.io.peaks import check_number, finish_peaks, parse_points
from denovo.io.precursors import precursor_mz_of
from denovo.io.spectrum import Origin, annotation, whole_number
from denovo.io.text_entries import TextEntry, TextReader
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_QUOTED = re.compile(r'"[^"]*"?')
_IN_COMMENT = re.compile(
    r"(?:^|\s)(Mods|Parent|PrecursorMonoisoMZ|Charge|RetentionTime|RTINSECONDS"
    r"|Scan|ScanNum|Scans)=(\S+)"
)
_ADDUCT_IN_COMMENT = re.compile(r"(?:adduct|precursor[ _]?type)=\s*([^\s\"]+)", re.IGNORECASE)
_MODE_IN_COMMENT = re.compile(r"ion(?:ization)?[ _]?mode=\s*(\w+|-)", re.IGNORECASE)
_CHARGE_IN_NAME = re.compile(r"/(\d{1,3})(?:_|\s|$)")


# Not `mzspeclib`, which reads these formats too: it first indexes the whole file, and it would add
# the dependencies SQLAlchemy, pydantic and psims. pyteomics has no MSP reader.
def scan_msp(path: Path) -> Iterator[MeasuredSpectrum | Rejected]:
    """Read the entries of an MSP or sptxt library; each starts with ``Name:``.

    The precursor m/z is ``PrecursorMZ:``, or ``PrecursorMonoisoMZ=`` or ``Parent=`` in the comment;
    the charge is ``Charge:``, or follows the peptide in the name. ``MW:`` is not read: libraries do
    not agree whether it is the mass of the peptide or of the ion. Without a unit,
    ``RetentionTime:`` is in minutes, as MS-DIAL writes it, and ``RetentionTime=`` in the comment in
    seconds, as SpectraST writes it.
    """
    return _Reader(path).records()


@dataclass
class _Entry(TextEntry):
    """An entry; an empty line ends its points."""

    name: str = ""
    n_announced: str | None = None

    def add(self, text: str, line: int) -> None:
        """Add one line to the fields or, after the number of peaks, to the points.

        Labels of points are in quotes, and semicolons separate points.
        """
        if self.n_announced is not None:
            self.is_ended = not text
            for piece in _QUOTED.sub("", text).split(";"):
                if piece.strip():
                    self.add_point(piece, line)
            return
        key, _, value = text.partition(":")
        key = key.strip().lower().replace(" ", "").replace("_", "")
        if key == "numpeaks":
            self.n_announced = value.strip()
        else:
            self.fields.setdefault(key, value.strip())

    @property
    def _comment(self) -> dict[str, str]:
        return dict(_IN_COMMENT.findall(self.fields.get("comment", "")))

    @property
    def origin(self) -> Origin:
        comment = self._comment
        stated = (comment.get(key) for key in ("Scan", "ScanNum", "Scans"))
        return self.origin_of(self.name, scan_of(next(filter(None, stated), None), self.name))

    def spectrum(self, origin: Origin) -> MeasuredSpectrum:
        text, comment = self.fields.get("comment", ""), self._comment
        modes = _MODE_IN_COMMENT.findall(text)
        modes += [self.fields.get(key) for key in ("ionmode", "polarity", "ionizationmode")]
        adducts = _ADDUCT_IN_COMMENT.findall(text)
        adducts += [self.fields.get(key) for key in ("precursortype", "adduct")]
        require_positive_mode(modes, adducts)
        points = parse_points(self.points)
        n_announced = whole_number(self.n_announced, "Num peaks:")
        note = check_number(n_announced, self.points, not self.cut_off)
        peaks = finish_peaks(*points)
        # NIST gives the theoretical m/z as Parent= and, in some libraries, the measured one too.
        written = (comment.get(key) for key in ("PrecursorMonoisoMZ", "Parent"))
        precursors = (self.fields.get("precursormz"), *written)
        return origin.spectrum(
            peaks,
            precursor_mz_of((text or "").split(",")[0] for text in precursors),
            self._charges(comment),
            **annotation(lambda: peptide_of(self.name, comment.get("Mods"), peaks)),
            retention_time=self._seconds(comment),
            note=note,
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


class _Reader(TextReader[_Entry]):
    stray_reason = "expected an entry that starts with Name:; is this an MSP library?"

    def take(self, text: str, line: int) -> Sequence[_Entry | Rejected]:
        if text[:4].lower() == "name" and text[4:].lstrip().startswith(":"):
            ended = self.finish()
            name = text.partition(":")[2].strip()
            self.begin(_Entry(self.path, self.n_entries, line, name=name))
            return ended
        if self.entry and not (self.entry.is_ended and text):
            self.entry.add(text, line)
        elif text and not text.startswith("#"):
            return [*self.finish(), *self.stray(line)]
        return ()
