"""Base of the readers of text formats: cut a file into entries and convert each to a spectrum."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from denovo.io.spectrum import Origin
from denovo.io.streams import FileError, read_lines
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_MAX_POINTS = 1 << 21
"""Largest number of points of one entry, so that a small gzip file cannot fill the memory."""


@dataclass
class TextEntry(ABC):
    """Fields and points of one entry, collected line by line."""

    path: Path
    index: int
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    points: list[tuple[int, str]] = field(default_factory=list)
    """Line number and text of each point."""
    is_ended: bool = False
    """Whether a line has ended the points."""
    cut_off: str = ""
    """Where an entry without an end breaks off, for a message; empty if the entry has an end."""

    def add_point(self, text: str, line: int) -> None:
        """Add a line that holds a point; too many of them are an error of the file."""
        self.points.append((line, text))
        if len(self.points) > _MAX_POINTS:
            raise FileError("an entry has over two million peaks; is this a spectrum file?", line)

    def origin_of(self, title: str, scan: int | None) -> Origin:
        """Return the origin of the entry, which text formats identify by its index."""
        return Origin(str(self.path), self.index, f"index={self.index}", title, self.line, scan)

    @property
    @abstractmethod
    def origin(self) -> Origin:
        """File, position and names of the entry."""

    @abstractmethod
    def spectrum(self, origin: Origin) -> MeasuredSpectrum:
        """Convert the entry to a spectrum, or raise a `SpectrumError`."""

    def record(self) -> MeasuredSpectrum | Rejected:
        """Convert the entry to a spectrum, or to its rejection."""
        return self.origin.record(self.spectrum)


Entry = TypeVar("Entry", bound=TextEntry)


class TextReader(ABC, Generic[Entry]):
    """Cuts one file into entries."""

    stray_reason: ClassVar[str]
    """Reason for the rejection of text that belongs to no entry."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entry: Entry | None = None
        self.n_entries = 0
        self.is_stray = False

    @abstractmethod
    def take(self, text: str, line: int) -> Sequence[Entry | Rejected]:
        """Process one line, and return the entry that it ends or the rejection of stray text."""

    def entries(self) -> Iterator[Entry | Rejected]:
        """Yield the entries of the file, and one rejection for each stretch of stray text."""
        try:
            for line, text in read_lines(self.path):
                yield from self.take(text, line)
        except FileError as error:
            yield from self.finish(f"where the file breaks off ({error})")
            raise
        yield from self.finish("at the end of the file; is it complete?")

    def records(self) -> Iterator[MeasuredSpectrum | Rejected]:
        """Yield the spectrum or the rejection of each entry."""
        for item in self.entries():
            yield item if isinstance(item, Rejected) else item.record()

    def begin(self, entry: Entry) -> None:
        """Make an entry the current one."""
        self.entry, self.is_stray = entry, False
        self.n_entries += 1

    def finish(self, cut_off: str = "") -> list[Entry | Rejected]:
        """Return the current entry, if any; ``cut_off`` says where it breaks off without an end."""
        entry, self.entry = self.entry, None
        if entry is None:
            return []
        entry.cut_off = "" if entry.is_ended else cut_off
        return [entry]

    def stray(self, line: int) -> list[Entry | Rejected]:
        """Reject text that belongs to no entry, once until the next entry begins."""
        is_known, self.is_stray = self.is_stray, True
        return [] if is_known else [Rejected(str(self.path), self.stray_reason, line=line)]
