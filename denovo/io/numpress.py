"""Decode MS-Numpress, the compact number formats of mzML.

The format is that of Teleman et al. (2014), "Numerical compression schemes for proteomics mass
spectrometry data", Molecular & Cellular Proteomics 13, 1537-1542, doi:10.1074/mcp.O114.037879.
"""

from collections.abc import Iterator

import numpy as np

from denovo.typing import Float64, ndarray

_HEADER = 8
"""Bytes of the fixed point, by which numbers were multiplied before they were rounded."""


# Not by the package pynumpress: its decoders end the whole program where data are damaged. The
# tests compare the two.
def decode_linear(data: bytes) -> Float64[ndarray, " value"]:
    """Decode a linear prediction: each number as its distance from the line through two before.

    Parameters
    ----------
    data : bytes
        Fixed point, two numbers of four bytes, and integers in half bytes.

    Returns
    -------
    array [value], float64
        The numbers.

    Raises
    ------
    ValueError
        If the data are damaged.
    """
    scale = _fixed_point(data)
    start = np.frombuffer(data[_HEADER : _HEADER + 8], dtype="<i4").astype(np.int64)
    if len(start) < 2:
        return start / scale
    surprises = [value - ((value >> 31) << 32) for value in _integers(data[_HEADER + 8 :])]
    steps = np.concatenate([np.diff(start), np.array(surprises, dtype=np.int64)]).cumsum()
    return np.concatenate([start[:1], start[0] + steps.cumsum()]) / scale


def decode_positive_integers(data: bytes) -> Float64[ndarray, " value"]:
    """Decode numbers that were rounded to positive integers and stored in half bytes.

    Parameters
    ----------
    data : bytes
        The integers.

    Returns
    -------
    array [value], float64
        The numbers.

    Raises
    ------
    ValueError
        If the data are damaged.
    """
    return np.array(list(_integers(data)), dtype=np.float64)


def decode_short_logged(data: bytes) -> Float64[ndarray, " value"]:
    """Decode logarithms of numbers plus 1, stored in two bytes each.

    Parameters
    ----------
    data : bytes
        Fixed point and logarithms.

    Returns
    -------
    array [value], float64
        The numbers.

    Raises
    ------
    ValueError
        If the data are damaged.
    """
    scale = _fixed_point(data)
    with np.errstate(over="ignore"):  # of damaged data; the readers refuse what is not finite
        return np.expm1(np.frombuffer(data[_HEADER:], dtype="<u2") / scale)


def _fixed_point(data: bytes) -> float:
    if len(data) < _HEADER:
        raise ValueError("MS-Numpress data are cut off")
    value = float(np.frombuffer(data[:_HEADER], dtype=">f8")[0])
    if not 0 < value < np.inf:
        raise ValueError(f"the fixed point of MS-Numpress data is {value:g}")
    return value


def _integers(data: bytes) -> Iterator[int]:
    """Read integers of 32 bits that leave out leading half bytes of zeros or ones.

    The first half byte says how many are left out: up to 8 of zeros, or 8 less of ones. The others
    follow, the least one first.
    """
    digits, place = data.hex(), 0
    # An odd number of half bytes is filled up with a zero, which is no beginning of an integer.
    end = len(digits) - (digits[-1:] == "0")
    while place < end:
        head = int(digits[place], 16)
        n_left_out = head if head <= 8 else head - 8
        place += 9 - n_left_out
        if place > len(digits):
            raise ValueError("MS-Numpress data are cut off")
        leading = ("0" if head <= 8 else "f") * n_left_out
        yield int(leading + digits[place - 8 + n_left_out : place][::-1], 16)
