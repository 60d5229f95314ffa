"""MS-Numpress, decoded as its reference implementation does, and what is damaged."""

from collections.abc import Callable

import numpy as np
import pynumpress
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.io.numpress import decode_linear, decode_positive_integers, decode_short_logged

DECODERS = [decode_linear, decode_positive_integers, decode_short_logged]


@pytest.mark.parametrize(
    ("decode", "data", "values"),
    [
        # The example of the tests of the reference implementation, ms-numpress/ms-numpress.
        (decode_linear, "40f86a0000000000809698 00 002d3101 7580", [100, 200, 300.00005, 400.0001]),
        (decode_linear, "40f86a0000000000 80969800", [100.0]),
        (decode_linear, "40f86a0000000000", []),
        (decode_positive_integers, "64668c5c2150 91", [100, 200, 300, 400]),
        (decode_positive_integers, "", []),
        (decode_short_logged, "40c3880000000000 47b4 29cf", [100.0, 200.0]),
    ],
)
def test_the_bytes_of_an_example_are_decoded(
    decode: Callable, data: str, values: list[float]
) -> None:
    assert decode(bytes.fromhex(data)) == pytest.approx(values, rel=1e-4)


@given(st.lists(st.floats(50.0, 2000.0), min_size=2, max_size=40), st.sampled_from([1e2, 1e4, 2e5]))
def test_what_the_reference_implementation_encodes_is_decoded_as_by_it(
    values: list[float], fixed_point: float
) -> None:
    array = np.array(values)
    data = [
        np.asarray(pynumpress.encode_linear(array, fixed_point)).tobytes(),
        np.asarray(pynumpress.encode_pic(array)).tobytes(),
        np.asarray(pynumpress.encode_slof(array, 5000.0)).tobytes(),
    ]
    theirs = [pynumpress.decode_linear, pynumpress.decode_pic, pynumpress.decode_slof]
    for mine, other, packed in zip(DECODERS, theirs, data, strict=True):
        np.testing.assert_allclose(mine(packed), other(packed), rtol=1e-12)
    assert decode_linear(data[0]) == pytest.approx(array, abs=0.51 / fixed_point)


@given(st.binary(max_size=60), st.sampled_from(DECODERS))
def test_damaged_data_give_values_or_one_kind_of_error(data: bytes, decode: Callable) -> None:
    try:
        values = decode(data)
    except ValueError:
        return
    assert len(values) <= 2 * len(data)


@pytest.mark.parametrize(
    "data", ["40f86a", "0000000000000000 8096", "7ff8000000000000 80969800002d3101"]
)
def test_a_cut_or_absurd_fixed_point_is_refused(data: str) -> None:
    for decode in (decode_linear, decode_short_logged):
        with pytest.raises(ValueError, match=r"fixed point|cut off"):
            decode(bytes.fromhex(data))


def test_an_integer_that_is_cut_off_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off"):
        decode_positive_integers(bytes.fromhex("64668c5c"))
