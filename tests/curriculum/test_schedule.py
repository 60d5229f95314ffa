import itertools
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hydra.utils import instantiate
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from denovo.curriculum import Curriculum, Noise
from denovo.curriculum.stage import MAX_INTERNAL, NOISE_FIELDS, SHARES
from denovo.errors import InputError

CONF = Path(__file__).parents[2] / "conf"


def load(name: str, steps_per_stage: int, noise: str = "basic") -> Curriculum:
    own = OmegaConf.load(CONF / f"curriculum/{name}.yaml")
    below = [file for file in own.pop("defaults", []) if file != "_self_"]
    parts = [OmegaConf.load(CONF / f"curriculum/{file}.yaml") for file in below]
    tree = {
        "size": {"steps_per_stage": steps_per_stage},
        "noise": strengths(noise),
        "it": OmegaConf.merge(*parts, own),
    }
    return instantiate(OmegaConf.create(tree).it)


def strengths(name: str) -> dict[str, float]:
    """Read a shipped noise: what it sets on top of nothing, as its defaults list says."""
    nothing, own = (OmegaConf.load(CONF / f"noise/{file}.yaml") for file in ("none", name))
    assert own.pop("defaults", None) == (None if name == "none" else ["none", "_self_"])
    return OmegaConf.to_container(OmegaConf.merge(nothing, own))


LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=6)
UNIT = st.integers(1, 7)


def constant_stages(lengths: list[int], unit: int) -> tuple[Curriculum, list[int]]:
    """Make a curriculum of constant stages, and the step at which each begins."""
    starts = [sum(lengths[:k]) for k in range(len(lengths))]
    stages = [
        {"name": f"s{k}", "start": start, "end": start + length, "weights": {"token": k + 1}}
        for k, (start, length) in enumerate(zip(starts, lengths, strict=True))
    ]
    return Curriculum(stages, unit), [start * unit for start in starts]


@given(lengths=LENGTHS, unit=UNIT, step=st.integers(0, 400))
def test_stage_is_the_last_one_that_began(lengths, unit, step):
    curriculum, starts = constant_stages(lengths, unit)
    stage = curriculum.stage_at(step)
    assert stage.number == sum(start <= step for start in starts)
    assert stage.name == f"s{stage.number - 1}"
    assert stage.weights == {"token": stage.number}


@given(lengths=LENGTHS, unit=UNIT, step=st.integers(0, 400))
def test_stage_number_is_monotone_and_changes_exactly_at_the_boundaries(lengths, unit, step):
    curriculum, starts = constant_stages(lengths, unit)
    change = curriculum.stage_at(step + 1).number - curriculum.stage_at(step).number
    assert change == (step + 1 in curriculum.boundaries)
    assert curriculum.boundaries == starts[1:]


def two_stages(**second) -> Curriculum:
    return Curriculum(
        [
            {
                "name": "first",
                "start": 0,
                "end": 1,
                "weights": {"token": 1.0, "precursor": 0.0},
                "max_length": 10,
                "noise": {"noise_peaks": 20, "noisy_fraction": 0.5},
            },
            {"name": "second", "start": 1, "end": 2, **second},
        ],
        steps_per_unit=100,
    )


def test_what_a_stage_leaves_out_stays_as_before():
    stage = two_stages(noise={"noise_peaks": 40}).stage_at(150)
    assert stage.weights == {"token": 1.0, "precursor": 0.0}
    assert (stage.min_length, stage.max_length) == (1, 10)
    assert stage.noise == Noise(noise_peaks=40.0, noisy_fraction=0.5)


def test_the_first_stage_takes_what_it_leaves_out_from_the_base():
    base = {"weights": {"token": 2}, "min_length": 7, "noise": {"precursor_ppm": 2.5}}
    stage = Curriculum([{"name": "only", "start": 0, "max_length": 9}], base=base).stage_at(3)
    assert stage.weights == {"token": 2.0}
    assert (stage.min_length, stage.max_length) == (7, 9)
    assert stage.noise == Noise(precursor_ppm=2.5)


def test_a_constant_stage_holds_from_its_first_step():
    curriculum = two_stages(weights={"token": 1.0, "precursor": 0.2})
    weights = [curriculum.stage_at(step).weights["precursor"] for step in (99, 100, 199, 5000)]
    assert weights == [0.0, 0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    ("ramp", "quarter"),
    [("linear", 0.25), ("cosine", 0.1464466)],  # (1 - cos(pi / 4)) / 2
)
def test_a_ramp_leads_from_the_stage_before_into_this_one(ramp, quarter):
    curriculum = two_stages(
        weights={"token": 1.0, "precursor": 0.8},
        max_length=20,
        noise={"noise_peaks": 60},
        ramp=ramp,
        ramp_steps=0.5,
    )
    start, early, middle, end = (curriculum.stage_at(100 + n).weights for n in (0, 12, 25, 50))
    assert start == {"token": 1.0, "precursor": 0.0}
    assert 0 < early["precursor"] < middle["precursor"] == pytest.approx(0.4)
    assert end == {"token": 1.0, "precursor": 0.8}
    stages = [curriculum.stage_at(100 + n) for n in (0, 25, 50, 99)]
    assert [stage.noise.noise_peaks for stage in stages] == pytest.approx([20, 40, 60, 60])
    assert [stage.max_length for stage in stages] == [10, 15, 20, 20]
    assert {(stage.number, stage.name) for stage in stages} == {(2, "second")}
    whole = two_stages(weights={"token": 1.0, "precursor": 1.0}, ramp=ramp)
    assert whole.stage_at(125).weights["precursor"] == pytest.approx(quarter)


def test_lengths_under_a_ramp_are_whole_numbers():
    curriculum = two_stages(min_length=5, max_length=13, ramp="linear")
    assert [curriculum.stage_at(step).min_length for step in (100, 125, 150, 200)] == [1, 2, 3, 5]
    lengths = [curriculum.stage_at(step).max_length for step in range(100, 200)]
    assert set(lengths) == {10, 11, 12, 13}
    assert lengths == sorted(lengths)
    assert all(isinstance(length, int) for length in lengths)


def test_a_stage_that_follows_a_ramp_starts_where_the_ramp_ends():
    stages = [
        {"name": "a", "start": 0, "end": 4, "weights": {"token": 1}, "ramp": "linear"},
        {"name": "b", "start": 4, "weights": {"token": 3}, "ramp": "linear", "ramp_steps": 2},
    ]
    curriculum = Curriculum(stages, base={"weights": {"token": 0}})
    weights = [curriculum.stage_at(step).weights["token"] for step in range(7)]
    assert weights == pytest.approx([0, 0.25, 0.5, 0.75, 1, 2, 3])


def settings_at(curriculum: Curriculum, step: int) -> dict[str, float]:
    return dict(curriculum.stage_at(step).terms["spectrum"])


def test_a_setting_of_a_term_is_inherited_and_ramped_and_leaves_the_others_alone():
    both = {"width_da": 1, "intensity_power": 0.5}
    narrow = {"spectrum": {"width_da": 0.2}}
    stages = [
        {"name": "a", "start": 0, "end": 2, "terms": {"spectrum": both, "token": {"smoothing": 2}}},
        {"name": "b", "start": 2, "end": 4},
        {"name": "c", "start": 4, "end": 8, "terms": narrow, "ramp": "linear"},
    ]
    curriculum = Curriculum(stages)
    found = [settings_at(curriculum, step) for step in (0, 3, 4, 6, 8)]
    assert [settings["width_da"] for settings in found] == pytest.approx([1, 1, 1, 0.6, 0.2])
    assert {settings["intensity_power"] for settings in found} == {0.5}
    assert curriculum.stage_at(8).terms["token"] == {"smoothing": 2.0}


def test_a_weight_is_inherited_by_name():
    stages = [
        {"name": "a", "start": 0, "end": 2},
        {"name": "b", "start": 2, "end": 4, "weights": {"precursor": 0.2}},
        {"name": "c", "start": 4, "weights": {"token": 0.5}},
    ]
    curriculum = Curriculum(stages, base={"weights": {"token": 1, "precursor": 0}})
    assert [curriculum.stage_at(step).weights for step in (0, 2, 4)] == [
        {"token": 1.0, "precursor": 0.0},
        {"token": 1.0, "precursor": 0.2},
        {"token": 0.5, "precursor": 0.2},
    ]


def test_the_first_stage_may_add_names_to_those_of_the_base():
    base = {"weights": {"token": 1}, "terms": {"spectrum": {"width_da": 0.5}}}
    first = {"weights": {"precursor": 0.2}, "terms": {"spectrum": {"power": 1}, "x": {"y": 2}}}
    stage = Curriculum([{"name": "a", "start": 0, **first}], base=base).stage_at(0)
    assert stage.weights == {"token": 1.0, "precursor": 0.2}
    assert stage.terms == {"spectrum": {"width_da": 0.5, "power": 1.0}, "x": {"y": 2.0}}


def test_a_setting_in_base_covers_all_stages():
    stages = [A, {"name": "b", "start": 2, "terms": {"spectrum": {"width_da": 0.1}}}]
    curriculum = Curriculum(stages, base={"terms": {"spectrum": {"width_da": 0.5}}})
    assert [settings_at(curriculum, step) for step in (0, 2)] == [
        {"width_da": 0.5},
        {"width_da": 0.1},
    ]


def test_a_term_without_settings_keeps_its_own():
    assert Curriculum([A]).stage_at(0).terms == {}


@pytest.mark.parametrize("step", [0, 1])
def test_what_has_no_earlier_value_has_its_own_from_the_start_of_a_ramp(step):
    first = {**A, "terms": {"spectrum": {"width_da": 0.3}}, "ramp": "linear"}
    stage = Curriculum([first]).stage_at(step)
    assert (stage.weights, stage.terms) == ({"token": 1.0}, {"spectrum": {"width_da": 0.3}})


def test_number_of_steps_is_the_end_of_the_last_stage_or_none():
    assert two_stages().n_steps == 200
    assert Curriculum([{"name": "a", "start": 0}]).n_steps is None


def test_the_last_stage_is_what_holds_at_the_last_step():
    assert two_stages(noise={"noise_peaks": 40}, ramp="linear").last_stage.noise.noise_peaks == (
        pytest.approx(39.8)
    )
    endless = [{"name": name, "start": k, "end": k + 1} for k, name in enumerate("abcd")]
    del endless[-1]["end"]
    assert Curriculum(endless).last_stage.name == "d"


def test_noise_that_is_the_same_at_every_step_does_not_change():
    first = {**A, "noise": {"noisy_fraction": 0.5, "noise_peaks": 20}}
    second = {"name": "b", "start": 2, "noise": {"noise_peaks": 40}}
    assert Curriculum([first]).changing_noise == ()
    assert Curriculum([first, second]).changing_noise == ("noise_peaks",)
    ramped = {**second, "ramp": "linear", "ramp_steps": 1}
    assert Curriculum([first, ramped]).changing_noise == ("noise_peaks",)
    # A ramp of the first stage leads from the base, whatever follows.
    ramped = [{**first, "ramp": "linear"}, {"name": "b", "start": 2}]
    assert Curriculum(ramped).changing_noise == ("noisy_fraction", "noise_peaks")
    assert Curriculum([{**first, "ramp": "linear"}]).changing_noise == (
        "noisy_fraction",
        "noise_peaks",
    )


A = {"name": "a", "start": 0, "end": 2, "weights": {"token": 1}}


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([], "there are no stages"),
        ([{**A, "weigths": {}}], "stage a: unknown field 'weigths'; did you mean weights?"),
        ([{**A, "noise": {"peak_droput": 0.1}}], "stage a: noise: unknown field .* peak_dropout"),
        (
            [{**A, "noise": {"zzz": 1}}],
            "stage a: noise: unknown field 'zzz'; known are noisy_fraction",
        ),
        ([A, {"name": "b", "start": 3}], "stage b: gap after stage a, which ends at step 2"),
        ([A, {"name": "b", "start": 1}], "stage b: overlap with stage a, which ends at step 2"),
        ([{**A, "end": 0}], "stage a: end 0 must lie after start 0"),
        ([{**A, "start": 1}], "stage a: the first stage must start at 0, not at step 1"),
        ([{**A, "weights": {"token": -1}}], "stage a: weights.token must be a number and not neg"),
        ([{**A, "weights": {"token": "x"}}], "stage a: weights.token must be a number .* got 'x'"),
        ([{**A, "weights": 1}], "stage a: weights must map names to values, got 1"),
        ([{**A, "noise": {"noise_peaks": -1}}], "stage a: noise.noise_peaks must be a number and"),
        ([{**A, "noise": {"noisy_fraction": 1.5}}], "stage a: noise.noisy_fraction is a share"),
        (
            [{**A, "noise": {"internal_fragments": 16}}],
            "stage a: noise.internal_fragments is a height",
        ),
        (
            [A, {"name": "b", "start": 2, "weights": {"tokens": 1}}],
            "stage b: weights.tokens is set here, but not in the stages before, which set token",
        ),
        ([{**A, "ramp": "linaer"}], "stage a: unknown ramp 'linaer'; did you mean linear?"),
        ([{**A, "ramp_steps": 1}], "stage a: ramp_steps needs ramp linear or cosine"),
        ([{**A, "ramp": "linear", "ramp_steps": 3}], "stage a: ramp_steps 3 is longer than the st"),
        ([{**A, "ramp": "linear", "ramp_steps": 0.3}], "stage a: ramp_steps 0.3 is not a whole nu"),
        ([{**A, "ramp": "linear", "end": None}], "stage a: a ramp in a stage without end needs"),
        ([A, {**A, "start": 2, "end": 3}], "stage a: the name is used twice"),
        ([{**A, "min_length": 9, "max_length": 8}], "stage a: min_length 9 is larger than max_len"),
        ([{**A, "min_length": 0}], "stage a: min_length must be a whole number of residues >= 1"),
        ([{"name": "a", "start": 0}, {"name": "b", "start": 1}], "stage a: end is missing"),
        ([{"start": 0}], "stage 1: name is missing"),
        ([{"name": "a"}], "stage a: start is missing"),
        ([{**A, "terms": {"spectrum": 1}}], "stage a: terms.spectrum must map names to values"),
        (
            [A, {"name": "b", "start": 2, "terms": {"spectrum": {"width_da": 0.5}}}],
            "stage b: terms.spectrum.width_da is set here, but not .* which set nothing; set",
        ),
        (
            [{**A, "terms": {"spectrum": {"width_da": None}}}],
            "stage a: terms.spectrum.width_da must be a number and not negative, got None",
        ),
        ([{**A, "start": 0.3}], "stage a: start 0.3 is not a whole number of steps at 1 per unit"),
        ([{**A, "end": 0.3}], "stage a: end 0.3 is not a whole number of steps at 1 per unit"),
    ],
)
def test_a_faulty_stage_is_named_with_its_fault(stages, message):
    with pytest.raises(InputError, match=message) as caught:
        Curriculum(stages)
    assert "\n" not in str(caught.value)


def test_a_ramp_that_ends_within_its_stage_stays_where_it_ended():
    ramp = {"ramp": "linear", "ramp_steps": 2, "weights": {"token": 1.0, "precursor": 0.2}}
    first = {"name": "a", "start": 0, "end": 1, "weights": {"token": 1.0, "precursor": 0.0}}
    curriculum = Curriculum([first, {"name": "b", "start": 1, "end": 7, **ramp}])
    weights = [curriculum.stage_at(step).weights["precursor"] for step in range(7)]
    assert weights == pytest.approx([0, 0, 0.1, 0.2, 0.2, 0.2, 0.2])


@pytest.mark.parametrize("name", SHARES)
def test_a_share_is_one_at_most(name):
    whole = Curriculum([{**A, "noise": {name: 1}}]).stage_at(0).noise
    assert whole == Noise(**{name: 1.0})
    with pytest.raises(InputError, match=rf"noise\.{name} is a share and must be <= 1, got 1.5"):
        Curriculum([{**A, "noise": {name: 1.5}}])


def test_the_highest_internal_fragments_are_allowed_and_no_number_is_infinite():
    highest = Curriculum([{**A, "noise": {"internal_fragments": MAX_INTERNAL}}])
    assert highest.stage_at(0).noise.internal_fragments == MAX_INTERNAL
    with pytest.raises(InputError, match="must be a number and not negative, got inf"):
        Curriculum([{**A, "weights": {"token": math.inf}}])


def test_a_ramp_ends_at_exactly_the_values_of_its_stage():
    second = {"name": "b", "start": 2, "end": 9, "ramp": "linear", "ramp_steps": 3}
    curriculum = Curriculum(
        [{**A, "weights": {"token": 0.7}}, {**second, "weights": {"token": 0.1}}]
    )
    assert curriculum.stage_at(5).weights == {"token": 0.1}  # 0.7 + (0.1 - 0.7) is less


def test_peptides_of_one_length_can_be_asked_for():
    stage = Curriculum([{**A, "min_length": 8, "max_length": 8}]).stage_at(0)
    assert (stage.min_length, stage.max_length) == (8, 8)
    assert Curriculum([{**A, "min_length": 1, "max_length": 1}]).stage_at(0).max_length == 1


def test_a_step_before_the_first_is_a_fault_of_the_program():
    with pytest.raises(AssertionError, match="step must not be negative, got -1"):
        Curriculum([A]).stage_at(-1)


@pytest.mark.parametrize("steps_per_unit", [0, -5])
def test_a_unit_without_steps_is_refused(steps_per_unit):
    with pytest.raises(InputError, match="steps_per_unit must be a whole number >= 1"):
        Curriculum([A], steps_per_unit)


def test_a_faulty_base_is_named():
    with pytest.raises(
        InputError, match="curriculum base: unknown field 'nose'; did you mean noise"
    ):
        Curriculum([A], base={"nose": {}})


def test_shipped_precursor_curriculum_is_the_ten_stage_schedule():
    # 10,000 steps a stage; the precursor weight 0, then 0.2, 0.3, ... 1.0.
    curriculum = load("precursor", 10_000)
    assert curriculum.n_steps == 100_000
    assert curriculum.boundaries == list(range(10_000, 100_000, 10_000))
    weights = [curriculum.stage_at(10_000 * k).weights["precursor"] for k in range(11)]
    assert weights == [0.0, 0.0, *(k / 10 for k in range(2, 11))]
    names = [curriculum.stage_at(10_000 * k).name for k in range(1, 10)]
    assert names == [f"precursor_{k / 10}" for k in range(2, 11)]


def test_the_weight_of_a_stage_comes_along_a_cosine_and_without_a_jump():
    curriculum = load("precursor", 10_000)
    weights = [curriculum.stage_at(step).weights["precursor"] for step in range(0, 100_000, 100)]
    assert max(after - before for before, after in itertools.pairwise(weights)) < 0.2 * 0.016
    assert weights == sorted(weights)
    assert curriculum.stage_at(12_500).weights["precursor"] == pytest.approx(
        0.2 * (1 - math.cos(math.pi / 4)) / 2
    )
    assert curriculum.stage_at(15_000).weights["precursor"] == pytest.approx(0.1)


def test_shipped_precursor_curriculum_changes_the_weight_of_the_mass_alone_from_stage_2_on():
    curriculum = load("precursor", 50)
    stages = [curriculum.stage_at(step) for step in range(50, 500)]
    for before, after in itertools.pairwise(stages):
        weight = {"precursor": before.weights["precursor"]}
        same = replace(after, name=before.name, number=before.number)
        assert replace(same, weights={**after.weights, **weight}) == before


def test_shipped_precursor_curriculum_narrows_the_match_from_1_to_0_05_da_in_its_first_stage():
    curriculum = load("precursor", 50)
    widths = [settings_at(curriculum, step)["width_da"] for step in range(500)]
    assert (widths[0], widths[25]) == (1.0, pytest.approx(0.525))
    assert widths == sorted(widths, reverse=True)
    assert set(widths[50:]) == {0.05}


@pytest.mark.parametrize(
    ("name", "weights", "widths"),
    [
        (
            "switch_on",
            [{"token": 1.0, "spectrum": 0.1, "precursor": 0.2 * (k >= 2)} for k in range(10)],
            [0.5] * 10,
        ),
        ("none", [{"token": 1.0}] * 10, None),
    ],
)
def test_shipped_curricula_resolve_to_their_weights_widths_and_noise_at_every_step(
    name, weights, widths
):
    curriculum = load(name, 30, "measured")
    noise = Noise(**{field: float(value) for field, value in strengths("measured").items()})
    for step in range(curriculum.n_steps):
        stage = curriculum.stage_at(step)
        assert stage.weights == weights[step // 30]
        assert list(stage.weights) == list(weights[0])
        expected = {} if widths is None else {"spectrum": {"width_da": widths[step // 30]}}
        assert stage.terms == expected
        assert stage.noise == noise
        assert (stage.min_length, stage.max_length) == (1, 1000)


def test_shipped_curriculum_none_is_cross_entropy_with_the_noise_of_the_other():
    curriculum = load("none", 30)
    assert curriculum.n_steps == 300
    assert curriculum.boundaries == []
    assert curriculum.stage_at(299).weights == {"token": 1.0}
    assert curriculum.stage_at(299).noise == load("precursor", 30).stage_at(299).noise


@pytest.mark.parametrize(
    "path", sorted((CONF / "noise").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_shipped_noise_can_be_had_with_every_curriculum(path):
    for curriculum in ("none", "precursor", "switch_on"):
        noise = load(curriculum, 30, path.stem).last_stage.noise
        assert (noise == Noise()) == (path.stem == "none")


def test_shipped_noises_list_every_part_so_that_any_can_be_set():
    assert set(strengths("none")) == set(NOISE_FIELDS) == set(strengths("measured"))


def test_every_strength_of_the_measured_noise_can_be_ramped_up_from_none():
    noise = strengths("measured")
    curriculum = Curriculum(
        [
            {"name": "clean", "start": 0, "end": 10},
            {"name": "noisy", "start": 10, "noise": noise, "ramp": "linear", "ramp_steps": 10},
        ]
    )
    half, full = (curriculum.stage_at(step).noise for step in (15, 20))
    assert full == Noise(**{name: float(value) for name, value in noise.items()})
    for name, value in noise.items():
        assert getattr(half, name) == pytest.approx(value / 2)
