"""Decoders of MS-Numpress, the compact number formats of mzML.

The formats are those of Teleman et al. (2014), "Numerical compression schemes for proteomics mass
spectrometry data", Molecular & Cellular Proteomics 13, 1537-1542, doi:10.1074/mcp.O114.037879.
Every decoder raises a ValueError for damaged data. The package pynumpress is not used, because its
decoders end the whole program in that case; the tests compare the two.
"""

from collections.abc import Iterator

import numpy as np

from denovo.typing import Float64, ndarray

_HEADER = 8
"""Number of bytes of the fixed point, the factor applied to the numbers before rounding."""


def decode_linear(data: bytes) -> Float64[ndarray, " value"]:
    """Decode fixed point, two numbers of four bytes, and residuals of a linear extrapolation."""
    scale = _fixed_point(data)
    start = np.frombuffer(data[_HEADER : _HEADER + 8], dtype="<i4").astype(np.int64)
    if len(start) < 2:
        return start / scale
    residuals = [value - ((value >> 31) << 32) for value in _integers(data[_HEADER + 8 :])]
    steps = np.concatenate([np.diff(start), np.array(residuals, dtype=np.int64)]).cumsum()
    return np.concatenate([start[:1], start[0] + steps.cumsum()]) / scale


def decode_positive_integers(data: bytes) -> Float64[ndarray, " value"]:
    """Decode numbers that were rounded to positive integers."""
    return np.array(list(_integers(data)), dtype=np.float64)


def decode_short_logged(data: bytes) -> Float64[ndarray, " value"]:
    """Decode fixed point, and logarithms of the numbers plus 1 in two bytes each."""
    scale = _fixed_point(data)
    with np.errstate(over="ignore"):  # in damaged data; the readers refuse infinite values
        return np.expm1(np.frombuffer(data[_HEADER:], dtype="<u2") / scale)


def _fixed_point(data: bytes) -> float:
    if len(data) < _HEADER:
        raise ValueError("MS-Numpress data are cut off")
    value = float(np.frombuffer(data[:_HEADER], dtype=">f8")[0])
    if not 0 < value < np.inf:
        raise ValueError(f"the fixed point of MS-Numpress data is {value:g}")
    return value


def _integers(data: bytes) -> Iterator[int]:
    """Read integers of 32 bits that are stored without their leading half bytes of zeros or ones.

    The first half byte is the number of half bytes that are omitted: up to 8 of zeros, or 8 more
    than the number of ones. The others follow, the least significant first.
    """
    digits, place = data.hex(), 0
    # An odd number of half bytes is padded with a zero, which cannot start an integer.
    end = len(digits) - (digits[-1:] == "0")
    while place < end:
        head = int(digits[place], 16)
        n_omitted = head if head <= 8 else head - 8
        place += 9 - n_omitted
        if place > len(digits):
            raise ValueError("MS-Numpress data are cut off")
        leading = ("0" if head <= 8 else "f") * n_omitted
        yield int(leading + digits[place - 8 + n_omitted : place][::-1], 16)
