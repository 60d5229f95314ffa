import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import Da, Ppm, Tolerance, parse_tolerance, ppm_error
from denovo.errors import InputError

masses = st.floats(10, 10_000)
tolerances = st.one_of(
    st.builds(Ppm, st.floats(0.1, 1000)),
    st.builds(Da, st.floats(1e-3, 10)),
)


@given(masses)
def test_an_exact_mass_has_no_error(mass: float) -> None:
    assert ppm_error(mass, mass) == 0


def test_the_error_is_positive_where_the_measurement_is_too_heavy() -> None:
    assert ppm_error(1000.01, 1000.0) == pytest.approx(10.0)
    assert ppm_error(999.99, 1000.0) == pytest.approx(-10.0)


@given(tolerances, masses, st.floats(-2, 2))
def test_a_window_contains_what_is_less_than_its_half_width_away(
    tolerance: Tolerance, mass: float, offset: float
) -> None:
    # Offsets of exactly one half width are left out: there rounding decides.
    if math.isclose(abs(offset), 1, abs_tol=1e-3):
        offset = 0.5
    observed = mass + offset * tolerance.half_width(mass)
    assert tolerance.contains(observed, mass) == (abs(offset) < 1)


@given(tolerances, masses)
def test_theoretical_bounds_are_what_the_observed_value_just_fits(
    tolerance: Tolerance, observed: float
) -> None:
    for end, sign in zip(tolerance.theoretical_bounds(observed), (1, -1), strict=True):
        assert math.isfinite(end)
        assert observed - end == pytest.approx(sign * tolerance.half_width(end), abs=1e-9)


@pytest.mark.parametrize(("ppm", "lowest"), [(1e6, 450.0), (1.25e6, 400.0), (2e6, 300.0)])
def test_a_window_as_wide_as_the_mass_has_no_upper_end(ppm: float, lowest: float) -> None:
    assert Ppm(ppm).theoretical_bounds(900.0) == (pytest.approx(lowest), math.inf)


@given(st.floats(0.1, 1000), masses, st.floats(0.9, 1.1))
def test_a_ppm_tolerance_is_a_bound_on_the_ppm_error(
    value: float, mass: float, factor: float
) -> None:
    error = abs(ppm_error(mass * factor, mass))
    if not math.isclose(error, value, rel_tol=1e-6):
        assert Ppm(value).contains(mass * factor, mass) == (error < value)


def test_tensors_are_compared_element_by_element() -> None:
    observed = torch.tensor([500.0, 500.004, 500.02], dtype=torch.float64)
    theoretical = torch.full((3,), 500.0, dtype=torch.float64)
    assert Ppm(10.0).contains(observed, theoretical).tolist() == [True, True, False]
    assert Da(0.003).contains(observed, theoretical).tolist() == [True, False, False]
    assert Da(0.003).half_width(theoretical).tolist() == [0.003] * 3


@given(tolerances)
def test_a_tolerance_survives_being_written_and_read(tolerance: Tolerance) -> None:
    again = parse_tolerance(str(tolerance))
    assert type(again) is type(tolerance)
    assert again.value == pytest.approx(tolerance.value, rel=1e-5)


@pytest.mark.parametrize("text", ["20ppm", " 20 PPM ", "2e1 ppm"])
def test_spellings_of_ppm_are_read(text: str) -> None:
    assert parse_tolerance(text) == Ppm(20.0)


@pytest.mark.parametrize(
    "text", ["", "20", "ppm", "-5 ppm", "0 Da", "nan ppm", "1e999 ppm", "5 mDa", "+-5 ppm"]
)
def test_what_is_no_tolerance_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError, match="tolerance"):
        parse_tolerance(text)


@pytest.mark.parametrize("text", ["-5 ppm", "0 Da", "1e999 ppm"])
def test_a_number_that_is_no_tolerance_is_named_with_its_fault(text: str) -> None:
    with pytest.raises(InputError, match=f"^tolerance '{text}' is not valid: .*positive"):
        parse_tolerance(text)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("kind", [Ppm, Da])
def test_a_tolerance_must_be_positive_and_finite(kind: type[Tolerance], value: float) -> None:
    with pytest.raises(InputError, match="positive"):
        kind(value)


def test_the_ends_of_a_window_are_part_of_it() -> None:
    for tolerance in (Da(0.5), Ppm(5000.0)):  # both half a dalton of 100
        assert tolerance.contains(100.5, 100.0)
        assert tolerance.contains(99.5, 100.0)
        assert not tolerance.contains(100.501, 100.0)
