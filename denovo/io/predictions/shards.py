"""Shards of a sequencing run, for several machines, and their parts brought together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from denovo.errors import InputError
from denovo.io.predictions.parts import (
    RUN,
    PartFolder,
    differing,
    entries,
    id_of,
    part_files,
    read_json,
)

_MAX_CHUNKS = 10**8


@dataclass(frozen=True)
class Shard:
    """A part of a run for one machine: every ``count``-th chunk.

    Parameters
    ----------
    number : int
        From 1 to ``count``.
    count : int
        Shards of the run.
    """

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read a shard such as ``3/8``.

        Raises
        ------
        InputError
            If it is something else.
        """
        number, _, count = text.partition("/")
        if number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count) <= 10**6:
            return cls(int(number), int(count))
        raise InputError(f"--shard must be a number and a total, such as 3/8, got {text!r}")

    @property
    def file_name(self) -> str:
        """The file of the folder that states that the shard is finished."""
        return f"{self.number}-of-{self.count}.json"

    def has(self, chunk: int) -> bool:
        """Whether a chunk belongs to the shard."""
        return chunk % self.count == self.number - 1


def gather_parts(folders: Sequence[Path]) -> PartFolder:
    """Bring the parts of all shards of one run together, where they lie.

    Parameters
    ----------
    folders : sequence of Path
        Folders of parts, from one or several machines.

    Raises
    ------
    InputError
        If the folders belong to different runs, or parts are missing.
    """
    runs = [read_json(folder / RUN) for folder in folders]
    for folder, run in zip(folders, runs, strict=True):
        if id_of(run) != id_of(runs[0]):
            raise InputError(
                f"{folder} and {folders[0]} hold parts of different runs, which differ in "
                f"{differing(run, runs[0])}"
            )
    ends = {path: shard for folder in folders for path, shard in _ends(folder).items()}
    if not ends:
        raise InputError(f"{folders[0]} holds no finished shard; run denovo sequence to its end")
    n_chunks = {_n_chunks(path) for path in ends}
    if len(n_chunks) > 1:
        raise InputError(f"shards of {folders[0]} disagree on the number of chunks: repeat them")
    n = n_chunks.pop()
    files = {number: path for folder in folders for number, path in part_files(folder).items()}
    files = {number: path for number, path in files.items() if number < n}
    if len(files) < n:
        count = max(shard.count for shard in ends.values())
        missing = (number for number in range(n) if number not in files)
        shards = sorted({number % count + 1 for number in islice(missing, 10_000)})
        raise InputError(
            f"{n - len(files)} of {n} parts are missing; finish --shard "
            f"{', '.join(f'{number}/{count}' for number in shards[:8])}"
        )
    return PartFolder(folders[0], runs[0], files)


def _ends(folder: Path) -> dict[Path, Shard]:
    """List the finished shards of a folder."""
    pattern = re.compile(r"([0-9]{1,7})-of-([0-9]{1,7})\.json")
    found = {path: pattern.fullmatch(path.name) for path in entries(folder)}
    shards = {path: (int(m[1]), int(m[2])) for path, m in found.items() if m}
    return {path: Shard(*pair) for path, pair in shards.items() if 1 <= pair[0] <= pair[1]}


def _n_chunks(end: Path) -> int:
    number = read_json(end).get("n_chunks")
    if type(number) is not int or not 0 <= number <= _MAX_CHUNKS:
        raise InputError(f"{end}: n_chunks must be a number of chunks, got {number!r}")
    return number
