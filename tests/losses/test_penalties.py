from collections.abc import Callable

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.losses import PENALTIES, make_penalty

NAMES = st.sampled_from(sorted(PENALTIES))
ERROR = st.floats(1e-6, 1e7)
SCALE = st.floats(0.1, 1e5)

# The corrected table of the first description of this loss, loss_scale 100: log(1 + e / 100) * 100
# and 100 / (100 + e), with natural logarithms, evaluated by hand.
LOG_TABLE = [
    (1.0, 0.995, 0.99010),
    (10.0, 9.531, 0.90909),
    (100.0, 69.315, 0.5),
    (1_000.0, 239.790, 0.090909),
    (25_000.0, 552.545, 0.003984),
    (100_000.0, 690.875, 0.000999),
]
# By hand at an error of 300 and a scale of 100: 100 log 4, 100, 300 - 50, 200 (sqrt 4 - 1), and
# 0.9 * 100 log 4 + 0.1 * 300 for a tail of 0.1.
AT_THREE_SCALES = {
    "log": (138.6294, 0.25),
    "clamp": (100.0, 0.0),
    "huber": (250.0, 1.0),
    "sqrt": (200.0, 0.5),
    "hybrid": (154.7665, 0.325),
}
FAMILY = "log, clamp, huber, sqrt, hybrid"


def tensor(*errors: float) -> torch.Tensor:
    return torch.tensor(errors, dtype=torch.float64)


def at(penalty: Callable[[torch.Tensor], torch.Tensor], error: float) -> tuple[float, float]:
    """Return the value, and its slope by the size of the error."""
    size = tensor(error).abs().requires_grad_()
    value = penalty(size)
    return value.item(), torch.autograd.grad(value.sum(), size)[0].item()


def test_the_family_has_its_members():
    assert ", ".join(PENALTIES) == FAMILY


@pytest.mark.parametrize(("error", "value", "slope"), LOG_TABLE)
def test_the_log_has_the_corrected_table(error, value, slope):
    found = at(make_penalty("log"), error)
    assert found[0] == pytest.approx(value, abs=5e-4)
    assert found[1] == pytest.approx(slope, abs=5e-6)


@pytest.mark.parametrize(
    ("scale", "value"), [(10, 78), (100, 553), (1_000, 3_258), (10_000, 12_528), (100_000, 22_314)]
)
def test_the_scale_moves_the_size_of_the_plain_log_as_well(scale, value):
    assert at(make_penalty("log", scale), 25_000.0)[0] == pytest.approx(value, abs=0.5)


def test_the_clamp_has_no_slope_at_25000_ppm_so_no_ratio_to_the_log_exists():
    assert at(make_penalty("clamp"), 25_000.0) == (100.0, 0.0)


@pytest.mark.parametrize("name", PENALTIES)
def test_every_member_has_the_value_and_slope_of_its_formula(name):
    assert at(make_penalty(name, tail=0.1), 300.0) == pytest.approx(AT_THREE_SCALES[name], abs=1e-4)


def test_huber_is_squared_error_below_its_scale():
    assert at(make_penalty("huber"), 50.0) == (12.5, 0.5)


SLOPES = {
    "log": lambda e, s: s / (s + e),
    "clamp": lambda e, s: float(e <= s),
    "huber": lambda e, s: min(e / s, 1.0),
    "sqrt": lambda e, s: (1 + e / s) ** -0.5,
    "hybrid": lambda e, s: 0.99 * s / (s + e) + 0.01,
}
"""In closed form, as docs/explanation/losses.md writes them."""


@settings(max_examples=200)
@given(name=NAMES, error=ERROR, scale=SCALE, normalize=st.booleans())
def test_the_slope_is_the_closed_form_of_the_documents(name, error, scale, normalize):
    assume(name != "clamp" or abs(error - scale) > 1e-6 * scale)
    slope = SLOPES[name](error, scale) / (scale if normalize else 1)
    # Autograd adds the slopes of parts that cancel, which leaves the rounding of numbers near 1.
    assert at(make_penalty(name, scale, normalize), error)[1] == pytest.approx(slope, rel=1e-9)


@settings(max_examples=50)
@given(name=NAMES, scale=SCALE, normalize=st.booleans())
def test_no_error_costs_nothing(name, scale, normalize):
    assert make_penalty(name, scale, normalize)(tensor(0.0)).item() == 0


@settings(max_examples=200)
@given(name=NAMES, scale=SCALE, one=ERROR, other=ERROR)
def test_a_larger_error_never_costs_less(name, scale, one, other):
    values = make_penalty(name, scale)(tensor(*sorted([one, other])))
    assert values[0] <= values[1]


@settings(max_examples=50)
@given(name=NAMES, scale=SCALE, error=ERROR)
def test_the_sign_of_the_error_does_not_matter(name, scale, error):
    penalty = make_penalty(name, scale)
    assert torch.equal(penalty(tensor(error)), penalty(tensor(-error)))


@settings(max_examples=100)
@given(
    name=st.sampled_from(["log", "huber", "sqrt", "hybrid"]), scale=SCALE, factor=st.floats(1, 1e6)
)
def test_however_large_the_error_only_the_slope_of_the_clamp_vanishes(name, scale, factor):
    assert at(make_penalty(name, scale), scale * factor)[1] > 0.9e-6


@settings(max_examples=50)
@given(scale=SCALE, factor=st.floats(1.001, 1e6))
def test_the_clamp_is_flat_beyond_its_scale(scale, factor):
    penalty = make_penalty("clamp", scale)
    assert at(penalty, scale * factor) == (scale, 0.0)


@settings(max_examples=50)
@given(error=ERROR, scale=SCALE, tail=st.floats(0.001, 1))
def test_the_slope_of_the_hybrid_lies_between_its_tail_and_one(error, scale, tail):
    penalty = make_penalty("hybrid", scale, tail=tail)
    assert tail * (1 - 1e-12) <= at(penalty, error)[1] <= 1 + 1e-12
    assert at(penalty, 1e-9 * scale)[1] == pytest.approx(1)


@settings(max_examples=50)
@given(name=NAMES, error=ERROR, scale=SCALE)
def test_a_normalized_member_is_the_plain_one_divided_by_its_scale(name, error, scale):
    plain, normalized = (at(make_penalty(name, scale, normalize=n), error) for n in (False, True))
    assert [v * scale for v in normalized] == pytest.approx(plain)


@settings(max_examples=50)
@given(name=NAMES, error=ERROR, scale=SCALE, factor=st.floats(0.01, 100))
def test_a_normalized_member_depends_on_the_error_in_scales_alone(name, error, scale, factor):
    one = make_penalty(name, scale, normalize=True)(tensor(error))
    other = make_penalty(name, scale * factor, normalize=True)(tensor(error * factor))
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lgo", "did you mean log"), ("hubert", "did you mean huber"), ("x", f"known are {FAMILY}")],
)
def test_an_unknown_member_is_refused_with_the_closest_known_one(name, hint):
    with pytest.raises(InputError, match=f"^precursor mass loss: unknown penalty '{name}'; {hint}"):
        make_penalty(name)


@pytest.mark.parametrize("tail", [0, -0.1, 1.5, float("nan")])
def test_a_tail_out_of_range_is_refused(tail):
    with pytest.raises(InputError, match="tail must be above 0 and at most 1"):
        make_penalty("hybrid", tail=tail)


def test_a_hybrid_of_a_tail_of_one_is_the_error_itself():
    assert at(make_penalty("hybrid", tail=1), 300.0) == pytest.approx((300.0, 1.0))
