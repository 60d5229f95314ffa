"""The callback sets the weights of every step, at once and for good."""

import pytest
from lightning.pytorch.callbacks import Callback

from denovo.curriculum import Curriculum
from denovo.errors import InputError
from denovo.losses import CompositeLoss, SpectrumMatchingLoss, TokenLoss
from denovo.training.callbacks import CurriculumCallback
from tests.helpers.tiny_training import (
    CutAt,
    Witness,
    small_data,
    small_system,
    small_trainer,
    train_small,
    two_stages,
)


def witnessed(vocabulary, curriculum, **options):
    witness = Witness()
    train_small(vocabulary, curriculum, [CurriculumCallback(curriculum), witness], **options)
    return witness


@pytest.fixture(scope="module")
def run(canonical):
    return witnessed(canonical, two_stages(3))


def test_weights_change_exactly_at_the_boundary(run):
    assert run.steps == [0, 1, 2, 3, 4, 5]
    assert [weights["precursor"] for weights in run.weights] == [0, 0, 0, 0.2, 0.2, 0.2]
    assert {weights["token"] for weights in run.weights} == {1.0}


def test_the_loss_computes_with_the_weights_that_it_names(run):
    for named, applied in zip(run.weights, run.applied, strict=True):
        assert applied == pytest.approx([named["token"], named["precursor"]])
    shares = [logged["train/share_precursor"] for logged in run.logged]
    assert [share > 0 for share in shares] == [False] * 3 + [True] * 3


def test_stage_and_weights_are_logged_for_the_step_they_hold_at(run):
    assert [logged["curriculum/stage"] for logged in run.logged] == [1, 1, 1, 2, 2, 2]
    logged = [logged["curriculum/weight_precursor"] for logged in run.logged]
    assert logged == pytest.approx([0, 0, 0, 0.2, 0.2, 0.2])


def test_of_the_noise_what_changes_is_logged_and_what_does_not_is_not(canonical, run):
    names = {"curriculum/stage", "curriculum/weight_token", "curriculum/weight_precursor"}
    logged = {name for name in run.logged[0] if name.startswith("curriculum/")}
    assert logged == names | {"curriculum/max_length"}
    stages = [
        {"name": "a", "start": 0, "end": 2, "weights": {"token": 1.0, "precursor": 0.0}},
        {"name": "b", "start": 2, "end": 4, "noise": {"noisy_fraction": 0.5, "noise_peaks": 10}},
    ]
    changing = Curriculum(stages, base={"noise": {"noisy_fraction": 0.5}})
    logged = [each["curriculum/noise_peaks"] for each in witnessed(canonical, changing).logged]
    assert logged == pytest.approx([0, 0, 10, 10])
    assert changing.changing_noise == ("noise_peaks",)
    stages[0]["ramp"] = "linear"
    assert Curriculum(stages, base={"noise": {"rounding": 0.5}}).changing_noise == (
        "noisy_fraction", "noise_peaks",
    )  # fmt: skip


def test_a_boundary_counts_optimizer_steps_and_not_batches(canonical):
    run = witnessed(canonical, two_stages(2), accumulate_grad_batches=2)
    assert run.steps == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [weights["precursor"] for weights in run.weights] == [0] * 4 + [0.2] * 4


def test_a_ramp_moves_the_weight_at_every_step(canonical):
    run = witnessed(canonical, two_stages(4, ramp="linear"))
    weights = [weights["precursor"] for weights in run.weights]
    assert weights == pytest.approx([0, 0, 0, 0, 0, 0.05, 0.1, 0.15])


def test_a_resumed_run_has_the_weights_of_its_step(canonical, tmp_path):
    curriculum = two_stages(3)
    train_small(canonical, curriculum, [CurriculumCallback(curriculum), CutAt(4, tmp_path)])
    resumed = witnessed(canonical, curriculum, ckpt_path=tmp_path / "cut.ckpt")
    assert resumed.steps == [4, 5]
    assert [weights["precursor"] for weights in resumed.weights] == [0.2, 0.2]


def test_a_checkpoint_holds_no_weights_that_could_come_back_stale(canonical):
    assert not [name for name in small_system(canonical).state_dict() if "weight_values" in name]
    assert CurriculumCallback(two_stages()).state_dict() == {}


@pytest.mark.parametrize("weights", [{"token": 1.0}, {"token": 1.0, "precursr": 0.1}])
def test_weights_that_do_not_fit_the_loss_are_named_before_the_first_step(canonical, weights):
    curriculum = Curriculum([{"name": "odd", "start": 0, "end": 2, "weights": weights}])
    witness = Witness()
    trainer = small_trainer(curriculum, [CurriculumCallback(curriculum), witness])
    with pytest.raises(InputError, match="precursor"):
        trainer.fit(small_system(canonical), small_data(canonical, curriculum))
    assert witness.steps == []


def with_spectrum_loss(vocabulary, curriculum, **options):
    """Train with a spectrum matching term; return its width and the logged one at every step."""
    system = small_system(vocabulary)
    system.loss = CompositeLoss(vocabulary, {"token": TokenLoss, "spectrum": SpectrumMatchingLoss})
    applied, witness = Widths(), Witness()
    trainer = small_trainer(curriculum, [CurriculumCallback(curriculum), applied, witness])
    trainer.fit(system, small_data(vocabulary, curriculum), weights_only=True, **options)
    return applied.seen, [logged["curriculum/spectrum_width_da"] for logged in witness.logged]


class Widths(Callback):
    """Write down the width that every step computes with."""

    def __init__(self):
        self.seen = []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.seen.append(pl_module.loss.terms["spectrum"].width_da.item())


def width(value):
    return {"terms": {"spectrum": {"width_da": value}}}


def narrowing(**second):
    weights = {"token": 1.0, "spectrum": 0.1}
    return Curriculum(
        [
            {"name": "wide", "start": 0, "end": 3, "weights": weights, **width(1.0)},
            {"name": "narrow", "start": 3, "end": 6, **width(0.1), **second},
        ]
    )


def test_the_width_of_every_step_is_that_of_its_stage_and_is_logged(canonical):
    applied, logged = with_spectrum_loss(canonical, narrowing())
    assert applied == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1])
    assert logged == pytest.approx(applied)


def test_a_ramp_moves_the_width_at_every_step(canonical):
    applied, _ = with_spectrum_loss(canonical, narrowing(ramp="linear"))
    assert applied == pytest.approx([1, 1, 1, 1, 0.7, 0.4])


def test_a_resumed_run_has_the_width_of_its_step(canonical, tmp_path):
    curriculum = narrowing(ramp="linear")
    system = small_system(canonical)
    system.loss = CompositeLoss(canonical, {"token": TokenLoss, "spectrum": SpectrumMatchingLoss})
    trainer = small_trainer(curriculum, [CurriculumCallback(curriculum), CutAt(4, tmp_path)])
    trainer.fit(system, small_data(canonical, curriculum))
    applied, _ = with_spectrum_loss(canonical, curriculum, ckpt_path=tmp_path / "cut.ckpt")
    assert applied == pytest.approx([0.7, 0.4])


def test_a_width_for_a_loss_without_spectrum_matching_is_refused_before_the_first_step(canonical):
    weights = {"token": 1.0, "precursor": 0.0}
    curriculum = Curriculum([{"name": "odd", "start": 0, "end": 2, "weights": weights, **width(1)}])
    trainer = small_trainer(curriculum, [CurriculumCallback(curriculum)])
    with pytest.raises(InputError, match="stage odd: loss: unknown term 'spectrum'"):
        trainer.fit(small_system(canonical), small_data(canonical, curriculum))
    assert trainer.global_step == 0
