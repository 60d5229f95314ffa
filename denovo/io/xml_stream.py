"""Iteration over the elements of XML files of any size, without entities or network access."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from denovo.io.streams import FileError, open_bytes

OpenFile = Callable[[Path], AbstractContextManager[RawIOBase | BufferedReader]]
"""Opens the XML of a file."""
_MAX_DISTANCE = 1 << 28
"""Largest number of bytes between two yielded elements; a profile spectrum has a tenth of it."""
_MAX_TAGS = 1 << 22
"""Largest number of tags between them: the index of a file has two for each of its spectra, and an
element takes some hundred bytes of memory."""

_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "remove_comments": True,
    "remove_pis": True,
    "collect_ids": False,
}
"""Options of `lxml.etree.iterparse`, explicit because the defaults differ between versions."""


def walk(
    path: Path,
    ends: Sequence[str],
    starts: Sequence[str] = (),
    open_file: OpenFile = open_bytes,
) -> Iterator[tuple[str, Any]]:
    """Yield event and element at the end of elements in ``ends``, and at the start in ``starts``.

    The names have no namespace. An element has its attributes at its start and its content at its
    end. The elements of ``ends`` are emptied when the next one is requested, and their preceding
    siblings removed.

    A file that cannot be parsed is a `FileError`, and so is a document type: mzML and mzXML have
    none, and its entities can make a small file huge or fetch other files.
    """
    try:
        _refuse_document_type(path, open_file)
        with open_file(path) as file:
            # The text of a profile MS1 spectrum can exceed the default limit of 10 MB in libxml2.
            # Lifting the limit is safe without a document type.
            names = [f"{{*}}{name}" for name in {*ends, *starts}]
            source = _Source(file)
            events = etree.iterparse(source, ("start", "end"), tag=names, huge_tree=True, **_SAFE)
            for event, element in events:
                source.n_bytes = source.n_tags = 0
                name = local_name(element)
                if name in (starts if event == "start" else ends):
                    yield event, element
                if event == "end" and name in ends:
                    _forget(element)
    except etree.XMLSyntaxError as error:
        reason = " ".join(error.msg.split())
        raise FileError(f"its XML is damaged or cut off ({reason})", error.lineno or 0) from error


class _Source:
    """Passes a file to the parser, and refuses an element that would fill the memory.

    ``n_bytes`` and ``n_tags`` are numbers of bytes and of tags since the last element that was
    found.
    """

    def __init__(self, file: RawIOBase | BufferedReader) -> None:
        self._file = file
        self.n_bytes = self.n_tags = 0

    def read(self, size: int) -> bytes | None:
        """Read at most ``size`` bytes."""
        if self.n_bytes > _MAX_DISTANCE:
            raise FileError("more than 256 MiB without a spectrum; is this a spectrum file?")
        if self.n_tags > _MAX_TAGS:
            raise FileError(
                "more than four million tags without a spectrum; is it a spectrum file?"
            )
        piece = self._file.read(size)
        self.n_bytes += len(piece or b"")
        self.n_tags += (piece or b"").count(b"<")
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
    # The parser still needs the empty element itself; the next one removes it.
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_document_type(path: Path, open_file: OpenFile) -> None:
    with open_file(path) as file:
        for _, element in etree.iterparse(_Source(file), ("start",), **_SAFE):
            if element.getroottree().docinfo.internalDTD is not None:
                raise FileError(
                    "it declares a document type (DTD), which spectrum files do not have"
                )
            return
