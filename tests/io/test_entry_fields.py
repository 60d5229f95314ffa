"""Charges, times and scan numbers in the spellings of text formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.io.entry_fields import charges_of, scan_of, seconds_of
from denovo.io.spectrum import SpectrumError


@pytest.mark.parametrize("text", ["", "0", "0+", "None", "nan", "unknown", "N/A", "?", None])
def test_no_charge_has_many_names(text: str | None) -> None:
    assert charges_of(text, "CHARGE=") == ()


SPELLINGS = st.sampled_from(["{}", "{}+", "+{}", "{}.0", "{}.0+", "{} +"])
SEPARATORS = st.sampled_from([",", ", ", " and ", " or ", " OR ", "/", ";", " "])


@given(st.lists(st.integers(1, 20), min_size=1, max_size=4, unique=True), SPELLINGS, SEPARATORS)
def test_charges_are_read_in_any_spelling(charges: list[int], spelling: str, between: str) -> None:
    text = between.join(spelling.format(charge) for charge in charges)
    assert charges_of(f" {text} ", "CHARGE=") == tuple(charges)


@given(st.integers(1, 99), st.sampled_from(["-{}", "{}-", "2+ and {}-", "{} -"]))
def test_a_negative_charge_is_never_taken_for_a_positive_one(charge: int, spelling: str) -> None:
    with pytest.raises(SpectrumError, match="negative mode"):
        charges_of(spelling.format(charge), "CHARGE=")


@pytest.mark.parametrize("text", ["two", "2.5", "2-4", "inf", "1e1", "+", "2++3", "9" * 400])
def test_what_names_no_charge_is_refused(text: str) -> None:
    with pytest.raises(SpectrumError, match="CHARGE= must be a positive charge such as 2\\+, got"):
        charges_of(text, "CHARGE=")


@given(st.text("0123456789+-., andor/;xN\u00b2", max_size=12))
def test_any_text_is_charges_or_an_error(text: str) -> None:
    try:
        charges = charges_of(text, "CHARGE=")
    except SpectrumError:
        return
    assert all(charge > 0 for charge in charges)


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("630", "s", 630.0),
        ("10.5", "min", 630.0),
        ("630 s", "min", 630.0),
        ("10.5 min", "s", 630.0),
        ("0.175h", "s", 630.0),
        ("630000 ms", "s", 630.0),
        ("PT630S", "min", 630.0),
        ("PT10M30S", "s", 630.0),
        ("PT0.175H", "s", 630.0),
        ("629-631", "s", 630.0),
        ("6.29e2-6.31e2", "s", 630.0),
        ("10-11 min", "s", 630.0),
        ("0", "s", 0.0),
        ("-1", "s", None),
        ("PT", "s", None),
        ("1e999", "s", None),
        ("10.5 parsecs", "s", None),
        ("", "s", None),
        (None, "s", None),
    ],
)
def test_times_are_read_in_any_unit(text: str | None, unit: str, seconds: float | None) -> None:
    assert seconds_of(text, unit) == (None if seconds is None else pytest.approx(seconds))


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_the_middle_of_a_range_counts(start: float, end: float) -> None:
    assert seconds_of(f"{start!r}-{end!r}") == pytest.approx((start + end) / 2)


@pytest.mark.parametrize(
    ("field", "title", "scan"),
    [
        ("4711", "", 4711),
        (" 4711-4713 ", "", 4711),
        ("F2:4711", "", 4711),
        ("several", "", None),
        (None, "controllerType=0 controllerNumber=1 scan=4711", 4711),
        (None, 'run.4711.4711.2 File:"run.raw", NativeID:"scan=4711"', 4711),
        (None, "run.04711.04711.", 4711),
        (None, "run.04711.04711.3.dta", 4711),
        # What names several scans, or none for certain, names none.
        (None, "run.4711.4711.2 scan=4712", None),
        (None, "run.4711.4713.2", None),
        (None, "myscan=4711", None),
        (None, "run 4711", None),
    ],
)
def test_scan_numbers_are_taken_from_titles_that_leave_no_doubt(
    field: str | None, title: str, scan: int | None
) -> None:
    assert scan_of(field, title) == scan
