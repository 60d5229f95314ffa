"""Walk through XML files of any size, safely: no entities, no network, no growing tree."""

from collections.abc import Iterator, Sequence
from io import RawIOBase
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from denovo.io.streams import FileError, open_bytes

_FARTHEST = 1 << 28
"""Bytes, 256 MiB, between two elements that are of use; a profile spectrum has a tenth of that."""

_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}
"""Options of `lxml.etree.iterparse`, spelled out because their defaults differ between versions."""


def walk(path: Path, ends: Sequence[str], starts: Sequence[str] = ()) -> Iterator[tuple[str, Any]]:
    """Yield elements of an XML file when they start or end, and forget them afterwards.

    Files that declare a document type are refused: mzML and mzXML have none, and entities are how
    a small file unfolds into gigabytes or fetches others.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip.
    ends, starts : sequence of str
        Names of the elements, without namespace, to yield at their end and at their start.
        After an element of ``ends`` all that precedes it among its siblings is dropped.

    Yields
    ------
    event : {"start", "end"}
        At its start an element has its attributes, and its content only at its end.
    element : lxml element
        Emptied when the next one is asked for.

    Raises
    ------
    FileError
        If the file cannot be read or parsed any further, or declares a document type.
    """
    try:
        _refuse_document_type(path)
        with open_bytes(path) as file:
            # Text nodes may be huge: a profile MS1 spectrum can exceed the 10 MB that libxml2
            # otherwise stops at. Without a document type that is safe.
            names = [f"{{*}}{name}" for name in {*ends, *starts}]
            source = _Source(file)
            events = etree.iterparse(source, ("start", "end"), tag=names, huge_tree=True, **_SAFE)
            for event, element in events:
                source.found()
                name = local_name(element)
                if name in (starts if event == "start" else ends):
                    yield event, element
                if event == "end" and name in ends:
                    _forget(element)
    except etree.XMLSyntaxError as error:
        reason = " ".join(error.msg.split())
        raise FileError(f"its XML is damaged or cut off ({reason})", error.lineno or 0) from error


class _Source:
    """Hands a file on to the parser, and stops where it would fill the memory with one element."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file
        self._n_bytes = 0

    def found(self) -> None:
        """Begin to count anew: an element was found."""
        self._n_bytes = 0

    def read(self, size: int) -> bytes | None:
        """Read at most ``size`` bytes."""
        if self._n_bytes > _FARTHEST:
            raise FileError("more than 256 MiB without a spectrum; is this a spectrum file?")
        piece = self._file.read(size)
        self._n_bytes += len(piece or b"")
        return piece


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Any, *path: str) -> Iterator[Any]:
    """Yield the descendants of an element along a path of names, whatever their namespace."""
    if not path:
        yield element
        return
    for child in element.iterchildren(f"{{*}}{path[0]}"):
        yield from children(child, *path[1:])


def _forget(element: Any) -> None:
    # The element itself stays, empty, because the parser still needs it; the next one removes it.
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_document_type(path: Path) -> None:
    with open_bytes(path) as file:
        for _, element in etree.iterparse(_Source(file), ("start",), **_SAFE):
            if element.getroottree().docinfo.internalDTD is not None:
                raise FileError("it declares a document type (DTD), which spectrum files have not")
            return
