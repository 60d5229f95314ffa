"""Rows of other programs, and the entries of spectrum files that they refer to."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import PureWindowsPath
from typing import Any, Protocol, runtime_checkable
from urllib.parse import unquote

import pandas as pd

from denovo.io.entry_fields import scan_of

_NUMBER = re.compile(r"(scan|index)=(\d+)")


@runtime_checkable
class Row(Protocol):
    """A row that refers to a spectrum.

    ``keys`` has the spectrum by kind of reference: ``native_id``, ``title``, ``index`` or ``scan``.
    ``file`` is the name or stem of its file, empty if the row states none.
    """

    @property
    def keys(self) -> Mapping[str, str | int]:
        """The spectrum by kind of reference."""
        ...

    @property
    def file(self) -> str:
        """Name or stem of the file."""
        ...


def keys_of(text: str) -> dict[str, str | int]:
    """Return what a text may refer to: an identifier, a title, or a number in it."""
    keys: dict[str, str | int] = {"native_id": text, "title": text}
    keys |= {kind: int(number) for kind, number in _NUMBER.findall(text)}
    if text.isdecimal():
        keys |= {"index": int(text), "scan": int(text)}
    elif scan := scan_of(None, text):
        keys["scan"] = scan
    return keys


_SUFFIX = re.compile(
    r"\.(mgf|mz(ml|mlb|xml|data|db|lib|speclib)|ms[12p]|raw|d|wiff2?(\.scan)?|sptxt|dta|pkl|tdf|baf"
    r"|txt|json|parquet|arrow|feather|ipc|h(df)?5|bz2|zip)$",
    re.IGNORECASE,
)
"""Suffixes of spectrum files: the name of a run may hold other dots."""


@cache
def names_of(file: str) -> frozenset[str]:
    """Return the names by which a program may refer to a file: with its suffix and without.

    Examples
    --------
    >>> sorted(names_of("file:///C:/data/run%201.mzML.gz"))
    ['run 1', 'run 1.mzML']
    """
    name = PureWindowsPath(unquote(file)).name.removesuffix(".gz")
    return frozenset((name, _SUFFIX.sub("", name)))


def is_renamed(stated: Collection[str], files: Collection[str]) -> bool:
    """Return whether rows of one file are those of the only file, under another name.

    A file that was renamed or converted since is recognised; rows of several files are not mixed.
    """
    known = frozenset[str]().union(*map(names_of, files))
    is_known = any(names_of(name) & known for name in stated if name)
    return not is_known and len(stated) == 1 and len(files) == 1


def places_of(
    rows: Iterable[Row], kind: str, entries: pd.DataFrame, is_file_ignored: bool
) -> list[list[int]]:
    """List the places of the entries that each row may refer to.

    Parameters
    ----------
    rows : iterable of Row
        The rows.
    kind : str
        Kind of reference.
    entries : DataFrame
        Column ``file``, and one for each kind of reference.
    is_file_ignored : bool
        Whether the file that a row states does not count.

    Returns
    -------
    list of list of int
        Places in ``entries`` for each row; none, or several, if the reference is not unique.
    """
    places: defaultdict[Any, list[int]] = defaultdict(list)
    for place, key in enumerate(entries[kind].tolist()):
        places[key].append(place)
    files: Sequence[str] = entries["file"].tolist()
    found = []
    for row in rows:
        at = places.get(row.keys.get(kind), [])
        if row.file and not is_file_ignored:
            names = names_of(row.file)
            at = [place for place in at if names_of(files[place]) & names]
        found.append(at)
    return found
