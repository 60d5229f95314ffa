"""Sizes of the buffers of an Arrow IPC file, before pyarrow unpacks them.

Compressed buffers state their size: https://arrow.apache.org/docs/format/Columnar.html#ipc-message.
pyarrow allocates it unasked, and has no way to read it.
"""

import struct
from collections.abc import Iterator
from io import RawIOBase

import pyarrow as pa

from denovo.io.streams import FileError

_MAGIC_BYTES = 8
"""Length of the head of a file, after which the messages follow."""
_HEADER_TYPE, _HEADER, _DATA, _BUFFERS, _COMPRESSION = 1, 2, 1, 2, 3
"""Numbers of the fields of the tables Message, DictionaryBatch and RecordBatch that are read."""
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3


def largest_unpacked(file: RawIOBase) -> int:
    """Return the number of bytes that the largest batch unpacks to; 0 if none is compressed.

    Raises
    ------
    FileError
        If the description of a batch is damaged.
    """
    file.seek(_MAGIC_BYTES)
    try:
        messages = pa.ipc.MessageReader.open_stream(file)
        sizes = (sum(_unpacked(each.metadata.to_pybytes(), each.body)) for each in messages)
        return max(sizes, default=0)
    except (struct.error, IndexError, MemoryError) as error:
        # Python allocates as many bytes as a damaged length asks for.
        raise FileError("the table is damaged (description of a batch)") from error


def _unpacked(metadata: bytes, body: pa.Buffer | None) -> Iterator[int]:
    table = _number(metadata, "<I", 0)
    kind, header = _field(metadata, table, _HEADER_TYPE), _field(metadata, table, _HEADER)
    if body is None or kind is None or header is None:
        return
    batch = header + _number(metadata, "<I", header)
    if metadata[kind] == _DICTIONARY_BATCH and (data := _field(metadata, batch, _DATA)):
        batch = data + _number(metadata, "<I", data)
    elif metadata[kind] != _RECORD_BATCH:
        return
    buffers = _field(metadata, batch, _BUFFERS)
    if buffers is None or _field(metadata, batch, _COMPRESSION) is None:
        return
    start = buffers + _number(metadata, "<I", buffers)
    for number in range(_number(metadata, "<I", start)):
        offset, length = struct.unpack_from("<qq", metadata, start + 4 + 16 * number)
        # Before the content stands its unpacked size, -1 if it is not compressed.
        if length >= 8:
            yield max(struct.unpack_from("<q", body, offset)[0], 0)


def _number(metadata: bytes, form: str, place: int) -> int:
    return struct.unpack_from(form, metadata, place)[0]


def _field(metadata: bytes, table: int, number: int) -> int | None:
    """Return the place of a field of a FlatBuffers table; None if it is left out."""
    names = table - _number(metadata, "<i", table)
    if 4 + 2 * number >= _number(metadata, "<H", names):
        return None
    return table + offset if (offset := _number(metadata, "<H", names + 4 + 2 * number)) else None
