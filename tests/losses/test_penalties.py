import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.losses import PENALTIES, Penalty, make_penalty

NAMES = st.sampled_from(sorted(PENALTIES))
ERROR = st.floats(1e-6, 1e7)
KNEE = st.floats(0.1, 1e5)

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
# By hand at an error of 300 and a knee of 100: 100 log 4, 100, 300 - 50, 200 (sqrt 4 - 1), and
# 0.9 * 100 log 4 + 0.1 * 300 for a tail of 0.1.
AT_THREE_KNEES = {
    "log": (138.6294, 0.25),
    "clamp": (100.0, 0.0),
    "huber": (250.0, 1.0),
    "sqrt": (200.0, 0.5),
    "hybrid": (154.7665, 0.325),
}
FAMILY = "log, clamp, huber, sqrt, hybrid"


def tensor(*errors: float) -> torch.Tensor:
    return torch.tensor(errors, dtype=torch.float64)


def at(penalty: Penalty, error: float) -> tuple[float, float]:
    """Return value and closed-form slope."""
    return penalty.value(tensor(error)).item(), penalty.slope(tensor(error)).item()


def gradient(penalty: Penalty, error: float) -> float:
    """Differentiate the value by autograd, with respect to the signed error."""
    leaf = tensor(error).requires_grad_()
    return torch.autograd.grad(penalty.value(leaf).sum(), leaf)[0].item()


def test_the_family_has_its_members():
    assert ", ".join(PENALTIES) == FAMILY


@pytest.mark.parametrize(("error", "value", "slope"), LOG_TABLE)
def test_the_log_has_the_corrected_table(error, value, slope):
    found = at(make_penalty("log"), error)
    assert found[0] == pytest.approx(value, abs=5e-4)
    assert found[1] == pytest.approx(slope, abs=5e-6)
    assert gradient(make_penalty("log"), error) == pytest.approx(slope, abs=5e-6)


@pytest.mark.parametrize(
    ("knee", "value"), [(10, 78), (100, 553), (1_000, 3_258), (10_000, 12_528), (100_000, 22_314)]
)
def test_the_knee_moves_the_size_of_the_plain_log_as_well(knee, value):
    assert at(make_penalty("log", knee), 25_000.0)[0] == pytest.approx(value, abs=0.5)


def test_the_clamp_has_no_slope_at_25000_ppm_so_no_ratio_to_the_log_exists():
    assert at(make_penalty("clamp"), 25_000.0) == (100.0, 0.0)
    assert gradient(make_penalty("clamp"), 25_000.0) == 0.0


@pytest.mark.parametrize("name", PENALTIES)
def test_every_member_has_the_value_and_slope_of_its_formula(name):
    assert at(make_penalty(name, tail=0.1), 300.0) == pytest.approx(AT_THREE_KNEES[name], abs=1e-4)


def test_huber_is_squared_error_below_its_knee():
    assert at(make_penalty("huber"), 50.0) == (12.5, 0.5)


@settings(deadline=None, max_examples=200)
@given(name=NAMES, error=ERROR, knee=KNEE, sign=st.sampled_from([-1, 1]), normalize=st.booleans())
def test_the_closed_form_slope_is_what_autograd_finds(name, error, knee, sign, normalize):
    assume(name != "clamp" or abs(error - knee) > 1e-6 * knee)
    penalty = make_penalty(name, knee, normalize)
    slope = penalty.slope(tensor(sign * error)).item()
    # Autograd adds the slopes of parts that cancel, which leaves the rounding of numbers near 1.
    assert gradient(penalty, sign * error) == pytest.approx(sign * slope, rel=1e-9, abs=1e-15)


@settings(deadline=None, max_examples=50)
@given(name=NAMES, knee=KNEE, normalize=st.booleans())
def test_no_error_costs_nothing(name, knee, normalize):
    assert make_penalty(name, knee, normalize).value(tensor(0.0)).item() == 0


@settings(deadline=None, max_examples=200)
@given(name=NAMES, knee=KNEE, one=ERROR, other=ERROR)
def test_a_larger_error_never_costs_less(name, knee, one, other):
    values = make_penalty(name, knee).value(tensor(*sorted([one, other])))
    assert values[0] <= values[1]


@settings(deadline=None, max_examples=50)
@given(name=NAMES, knee=KNEE, error=ERROR)
def test_the_sign_of_the_error_does_not_matter(name, knee, error):
    penalty = make_penalty(name, knee)
    assert at(penalty, error) == at(penalty, -error)


@settings(deadline=None, max_examples=100)
@given(
    name=st.sampled_from(["log", "huber", "sqrt", "hybrid"]), knee=KNEE, factor=st.floats(1, 1e6)
)
def test_however_large_the_error_only_the_slope_of_the_clamp_vanishes(name, knee, factor):
    assert gradient(make_penalty(name, knee), knee * factor) > 0.9e-6


@settings(deadline=None, max_examples=50)
@given(knee=KNEE, factor=st.floats(1.001, 1e6))
def test_the_clamp_is_flat_beyond_its_knee(knee, factor):
    penalty = make_penalty("clamp", knee)
    assert at(penalty, knee * factor) == (knee, 0.0)
    assert gradient(penalty, knee * factor) == 0.0


@settings(deadline=None, max_examples=50)
@given(error=ERROR, knee=KNEE, tail=st.floats(0.001, 1))
def test_the_slope_of_the_hybrid_lies_between_its_tail_and_one(error, knee, tail):
    penalty = make_penalty("hybrid", knee, tail=tail)
    assert tail * (1 - 1e-12) <= penalty.slope(tensor(error)).item() <= 1
    assert penalty.slope(tensor(0.0)).item() == pytest.approx(1)


@settings(deadline=None, max_examples=50)
@given(name=NAMES, error=ERROR, knee=KNEE)
def test_a_normalized_member_is_the_plain_one_divided_by_its_knee(name, error, knee):
    plain, normalized = (at(make_penalty(name, knee, normalize=n), error) for n in (False, True))
    assert [v * knee for v in normalized] == pytest.approx(plain)


@settings(deadline=None, max_examples=50)
@given(name=NAMES, error=ERROR, knee=KNEE, factor=st.floats(0.01, 100))
def test_a_normalized_member_depends_on_the_error_in_knees_alone(name, error, knee, factor):
    one = make_penalty(name, knee, normalize=True).value(tensor(error))
    other = make_penalty(name, knee * factor, normalize=True).value(tensor(error * factor))
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
