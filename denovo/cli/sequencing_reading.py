"""Reading of the files of a run in chunks, and what their first spectra say about the network."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import TypeGuard

from denovo.choices import DEFAULT_NETWORK
from denovo.errors import InputError
from denovo.io import open_spectra
from denovo.io.predictions import Shard
from denovo.io.streams import ReadPosition
from denovo.io.vendor import content_files
from denovo.sequencing.network_proposal import propose
from denovo.sequencing.workers import CHUNK_SIZE, Entries, chunks_of
from denovo.spectra.measured import MeasuredSpectrum, Rejected

_MAX_AHEAD = 64
"""Chunks that are searched for the first spectra: a run begins with survey scans alone."""


class Reading:
    """Chunks of a run that are not yet sequenced, and the position in the files."""

    def __init__(self, paths: list[Path], shard: Shard, done: Iterable[int]) -> None:
        self.paths, self._shard, self._done = paths, shard, frozenset(done)
        self._n_read = 0
        self.ends: dict[int, int] = {}  # bytes of all files up to the end of each chunk
        self.n_chunks = self.n_done = 0

    def chunks(
        self, position: ReadPosition, check: Callable[[Iterable[MeasuredSpectrum]], None]
    ) -> Generator[tuple[int, Entries]]:
        """Read the files, and skip chunks that are done or belong to other shards.

        ``check`` gets the first spectra of the files, whichever chunks are skipped, before any of
        them is sequenced.
        """
        with closing(self._all(position)) as rest:
            first = list(_until_checkable(rest))
            check(islice((e for _, each in first for e in each if _is_spectrum(e)), CHUNK_SIZE))
            for number, entries in chain(first, rest):
                if self._shard.has(number) and number not in self._done:
                    yield number, entries

    def _all(self, position: ReadPosition) -> Generator[tuple[int, Entries]]:
        for number, entries in enumerate(chunks_of(self._records(position))):
            self.n_chunks, self.ends[number] = number + 1, self._n_read
            yield number, entries

    def _records(self, position: ReadPosition) -> Iterator[MeasuredSpectrum | Rejected]:
        before, sizes = 0, {str(path): size_of(path) for path in self.paths}
        current = str(self.paths[0])
        for record in open_spectra(self.paths):
            if record.file != current:
                before += sizes.get(current, 0)
                current = record.file
            self._n_read = before + position.n_bytes
            yield record


def _until_checkable(chunks: Iterator[tuple[int, Entries]]) -> Iterator[tuple[int, Entries]]:
    """Yield chunks up to that with the last of the first `CHUNK_SIZE` spectra."""
    n_spectra = 0
    for number, entries in islice(chunks, _MAX_AHEAD):
        yield number, entries
        n_spectra += sum(map(_is_spectrum, entries))
        if n_spectra >= CHUNK_SIZE:
            return


def _is_spectrum(entry: MeasuredSpectrum | Rejected) -> TypeGuard[MeasuredSpectrum]:
    return isinstance(entry, MeasuredSpectrum)


def proposal_of(spectra: Iterable[MeasuredSpectrum], is_named: bool) -> str:
    """Say which network reads spectra if the default one does not; empty if it does.

    Spectra that the default network cannot read are refused, unless it was named.
    """
    proposal = propose(spectra)
    if proposal and proposal.is_refused and not is_named:
        raise InputError(
            f"{proposal.sentence}; give --network {DEFAULT_NETWORK} to try it all the same"
        )
    return proposal.sentence if proposal else ""


def stat_of(path: Path) -> list[tuple[int, int]]:
    """Return sizes and times of change of the content, to detect a change during a run."""
    found = [file.stat() for file in content_files(path)]
    return [(each.st_size, each.st_mtime_ns) for each in found]


def size_of(path: Path) -> int:
    """Return the number of bytes of the content."""
    return sum(size for size, _ in stat_of(path))
