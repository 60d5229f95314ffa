"""Writer of the file of rejected entries, with the reason for each."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from denovo.io.files import atomic_path
from denovo.io.predictions.cells import one_line
from denovo.spectra.measured import Rejected

HEADER = ("file", "line", "index", "native_id", "title", "scan", "reason")
_DETAIL = re.compile(r" \(.*\)|(?:, got |; ).*", re.DOTALL)
_VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w.,+-])[+-]?\d(?:[\w.,+-]*\w)?")


def kind_of(reason: str) -> str:
    """Remove from a reason what differs between entries: values, quotations and advice.

    Examples
    --------
    >>> kind_of("an MS1 spectrum; only MS2 spectra are sequenced")
    'an MS1 spectrum'
    >>> kind_of("there are 4 m/z values but 3 intensities in the spectrum")
    'there are … m/z values but … intensities in the spectrum'
    """
    return _VARIABLE.sub("…", _DETAIL.sub("", reason))


@dataclass
class RejectedEntries:
    """Writer and counter of rejected entries; made by `open_rejected`."""

    stream: TextIO
    _counts: Counter[str] = field(default_factory=Counter)
    _examples: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._writer = csv.writer(self.stream, lineterminator="\n")
        self._writer.writerow(HEADER)

    def add(self, rejected: Rejected) -> None:
        """Write a row; unknown indices and lines are empty."""
        file, native_id, title, reason = map(
            one_line, (rejected.file, rejected.native_id, rejected.title, rejected.reason)
        )
        # The writer leaves the cell of None empty.
        self._writer.writerow(
            (file, rejected.line or None, rejected.index, native_id, title, rejected.scan, reason)
        )
        kind, stated = kind_of(rejected.reason), _DETAIL.sub("", rejected.reason)
        self._counts[kind] += 1
        if self._examples.setdefault(kind, stated) != stated:
            self._examples[kind] = kind

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Kinds of reason with their number, the most frequent first.

        A kind keeps the values in its reason if all its entries have the same.
        """
        return [(self._examples[kind], number) for kind, number in self._counts.most_common()]

    def __len__(self) -> int:
        return self._counts.total()


@contextmanager
def open_rejected(path: Path) -> Iterator[RejectedEntries]:
    """Write rejected entries as CSV; the file appears when the block ends without an error.

    Yields
    ------
    RejectedEntries
        Receives the entries.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written.
    """
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as stream,
    ):
        yield RejectedEntries(stream)
