"""Decode the binary arrays of mzML and mzXML files."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from pyteomics.auxiliary.utils import BinaryDataArrayTransformer

from denovo.io.spectrum import SpectrumError
from denovo.typing import ndarray

NO_COMPRESSION = "no compression"
ZLIB = "zlib compression"
_THEN_ZLIB = f" followed by {ZLIB}"
NUMPRESS = (
    "MS-Numpress linear prediction compression",
    "MS-Numpress positive integer compression",
    "MS-Numpress short logged float compression",
    "MS-Numpress linear prediction compression followed by zlib compression",
    "MS-Numpress positive integer compression followed by zlib compression",
    "MS-Numpress short logged float compression followed by zlib compression",
)
"""As the PSI-MS vocabulary names them: each alone, then each with zlib around it."""
_MOST_BYTES = 1 << 26
"""An array that unfolds into more than 64 MiB, 8 million values, is damaged or an attack."""


def compression_of(stated: Sequence[str]) -> str:
    """Find the compression of an array that states several.

    Writers name MS-Numpress beside "no compression", or beside the zlib compression around it.
    """
    numpress = next((name for name in stated if name in NUMPRESS), None)
    if numpress is None:
        return ZLIB if ZLIB in stated else NO_COMPRESSION
    return NUMPRESS[NUMPRESS.index(numpress) % 3 + 3] if ZLIB in stated else numpress


def decode_array(text: str | None, dtype: np.dtype[Any], compression: str) -> ndarray:
    """Decode base64 text into an array.

    Parameters
    ----------
    text : str or None
        Base64, with or without white space; None counts as empty.
    dtype : dtype
        Type and byte order of the values.
    compression : str
        Name of the compression in the PSI-MS vocabulary.

    Returns
    -------
    array [value]
        The values, as ``dtype``; MS-Numpress always gives float64.

    Raises
    ------
    SpectrumError
        If the text is damaged or the compression unknown.
    """
    try:
        packed = base64.b64decode("".join((text or "").split()), validate=True)
        if not packed:
            return np.zeros(0, dtype=dtype)
        return _unpack(packed, dtype, compression)
    except (binascii.Error, zlib.error, ValueError, RuntimeError) as error:
        raise SpectrumError(f"its binary data are damaged ({error})") from error


def _unpack(packed: bytes, dtype: np.dtype[Any], compression: str) -> ndarray:
    if compression == NO_COMPRESSION:
        return np.frombuffer(packed, dtype=dtype)
    if compression == ZLIB:
        return np.frombuffer(_inflate(packed), dtype=dtype)
    if compression.endswith(_THEN_ZLIB):
        return _unpack(_inflate(packed), dtype, compression.removesuffix(_THEN_ZLIB))
    decoders = BinaryDataArrayTransformer.compression_type_map
    if compression not in decoders:
        raise SpectrumError(
            f"its compression ({compression}) is unknown; write it with zlib or MS-Numpress"
        )
    return np.asarray(decoders[compression](packed), dtype=np.float64)


def _inflate(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(packed, _MOST_BYTES)
    if unpacking.unconsumed_tail:
        raise SpectrumError("its binary data unfold into more than 64 MiB")
    if not unpacking.eof:
        raise SpectrumError("its binary data are damaged (the compressed data are cut off)")
    return data
