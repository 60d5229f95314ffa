"""Decoder of the binary arrays of mzML and mzXML files."""

import base64
import binascii
import zlib
from collections.abc import Collection
from typing import Any

import numpy as np

from denovo.io.numpress import decode_linear, decode_positive_integers, decode_short_logged
from denovo.io.spectrum import SpectrumError
from denovo.typing import ndarray

ZLIB = "zlib"
LINEAR, POSITIVE_INTEGER, SHORT_LOGGED = "linear", "positive integer", "short logged"
"""Kinds of MS-Numpress."""
_NUMPRESS = {
    LINEAR: decode_linear,
    POSITIVE_INTEGER: decode_positive_integers,
    SHORT_LOGGED: decode_short_logged,
}
_MAX_BYTES = 1 << 26
"""Largest number of bytes of an unpacked array, 8 million values; more is damage or an attack."""
_MAX_NUMPRESS_BYTES = 1 << 20
"""Largest number of bytes of MS-Numpress data; a value takes half a byte or more."""


def decode_array(
    text: str | None, dtype: np.dtype[Any] | None, compressions: Collection[str] = ()
) -> ndarray:
    """Decode base64 text into an array; damaged text is a `SpectrumError`.

    ``compressions`` names `ZLIB`, a kind of MS-Numpress, or both (zlib is the outer one). ``dtype``
    is None where the file does not state it; MS-Numpress needs none and gives float64.
    """
    try:
        data = base64.b64decode("".join((text or "").split()), validate=True)
        if data and ZLIB in compressions:
            data = _inflate(data)
        decode = next((_NUMPRESS[name] for name in compressions if name in _NUMPRESS), None)
        if decode is None:
            if dtype is None:
                raise SpectrumError("the type of its binary data is not stated")
            return np.frombuffer(data, dtype=dtype)
        if len(data) > _MAX_NUMPRESS_BYTES:
            raise SpectrumError("its MS-Numpress data are longer than a MiB")
        return decode(data) if data else np.zeros(0)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise SpectrumError(f"its binary data are damaged ({error})") from error


def _inflate(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(packed, _MAX_BYTES)
    if unpacking.unconsumed_tail:
        raise SpectrumError("its binary data unpack to more than 64 MiB")
    if not unpacking.eof:
        raise SpectrumError("its binary data are damaged (the compressed data are cut off)")
    return data
