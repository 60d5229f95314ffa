import math

import pytest

from denovo.errors import InputError, check_at_least, check_names, check_positive


@pytest.mark.parametrize(
    ("name", "hint"), [("tokne", "did you mean token?"), ("zzz", "known are token, mass")]
)
def test_an_unknown_name_is_refused_with_the_closest_or_all_known_ones(name, hint):
    with pytest.raises(InputError) as caught:
        check_names(["mass", name], ["token", "mass"], "stage a", "term")
    assert str(caught.value) == f"stage a: unknown term {name!r}; {hint}"


def test_known_names_pass():
    check_names(["mass"], ["token", "mass"], "stage a", "term")


@pytest.mark.parametrize("value", [1, 0.5, 1e300])
def test_a_positive_number_comes_back_as_a_float(value):
    found = check_positive("width", value)
    assert found == value
    assert isinstance(found, float)


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, True, "1", None])
def test_anything_else_is_refused_by_name(value):
    with pytest.raises(InputError, match=f"^width must be positive, got {value}$"):
        check_positive("width", value)


@pytest.mark.parametrize("value", [2, 2.5, math.inf])
def test_a_number_from_the_minimum_on_passes(value):
    check_at_least("count", value, 2)


@pytest.mark.parametrize("value", [1, -3, math.nan, "2", None])
def test_a_smaller_number_and_what_is_no_number_are_refused_by_name(value):
    with pytest.raises(InputError, match=f"^count must be at least 2, got {value}$"):
        check_at_least("count", value, 2)
