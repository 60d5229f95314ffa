"""Every tripwire fires on the failure it is made for, and names its cause."""

import logging
from dataclasses import replace
from functools import partial

import pytest
import torch
from lightning.pytorch.callbacks import Callback

from denovo.curriculum import Curriculum
from denovo.errors import InputError
from denovo.losses import CompositeLoss, PrecursorMassLoss, SpectrumMatchingLoss, TokenLoss
from denovo.training.callbacks import StopAt, apply_stage
from denovo.training.tripwires import (
    DeadGradient,
    FrozenLoss,
    IdleCurriculum,
    NotFiniteLoss,
    TooGood,
    Tripwire,
)
from denovo.training.tripwires.callback import Tripwires
from tests.helpers.tiny_training import small_system, two_stages
from tests.training.tripwires.failures import Leak, Stuck, flat, poisoned, told, watched


def clamped(vocabulary, use_log_loss=False):
    """Make the system of the story: its masses are off by 10^5 ppm, the clamp ends at 100."""
    system = small_system(vocabulary)
    precursor = partial(PrecursorMassLoss, use_log_loss=use_log_loss)
    system.loss = CompositeLoss(vocabulary, {"token": TokenLoss, "precursor": precursor})
    return system


def test_a_clamp_that_kills_the_gradient_is_found(canonical, tmp_path, caplog):
    wires = {"dead_gradient": DeadGradient(every_n_steps=2, patience=3)}
    curriculum = two_stages(4)
    with caplog.at_level(logging.WARNING):
        logged = watched(clamped(canonical), curriculum, Tripwires(wires, tmp_path))
    assert told(tmp_path) == []  # steps 4 and 6 are checked: not yet three
    curriculum = two_stages(6)
    with caplog.at_level(logging.WARNING):
        logged = watched(clamped(canonical), curriculum, Tripwires(wires, tmp_path))
    (entry,) = told(tmp_path)
    assert (entry["step"], entry["name"]) == (10, "dead_gradient")
    assert "precursor" in entry["message"]
    assert "value is 100:" in entry["message"]
    assert "penalty=log" in entry["message"]
    assert logged["tripwire/dead_gradient"] == {10: 1.0}
    assert [r.getMessage() for r in caplog.records if "tripwire" in r.getMessage()] == [
        f"tripwire dead_gradient: {entry['message']}"
    ]


def test_the_logarithm_has_a_gradient_where_the_clamp_has_none(canonical, tmp_path):
    wires = {"dead": DeadGradient(every_n_steps=1, patience=1), "frozen": FrozenLoss(patience=2)}
    system = clamped(canonical, use_log_loss=True)
    watched(system, two_stages(4), Tripwires(wires, tmp_path))
    assert told(tmp_path) == []


def stuck(vocabulary, n_moving, rest=1.0):
    system = small_system(vocabulary)
    term = partial(Stuck, n_moving=n_moving, rest=rest)
    system.loss = CompositeLoss(vocabulary, {"token": TokenLoss, "stuck": term})
    return system


@pytest.mark.parametrize(("n_moving", "min_share", "fires"), [
    (1, 0.875, True), (1, 0.95, False), (2, 0.875, False), (0, 1, True), (8, 0.01, False),
])  # fmt: skip
def test_a_spectrum_that_still_moves_does_not_hide_the_others(
    canonical, tmp_path, n_moving, min_share, fires
):
    wires = {"dead": DeadGradient(every_n_steps=1, patience=3, min_share=min_share)}
    system = stuck(canonical, n_moving)
    watched(system, flat(5, token=1.0, stuck=1.0), Tripwires(wires, tmp_path))
    assert [entry["step"] for entry in told(tmp_path)] == [2] * fires
    for entry in told(tmp_path):
        assert f"the stuck loss is exactly zero for {8 - n_moving} of 8 spectra" in entry["message"]


def test_spectra_that_ask_for_nothing_are_not_dead(canonical, tmp_path):
    wires = {"dead": DeadGradient(every_n_steps=1, patience=1, min_share=0.01)}
    system = stuck(canonical, n_moving=1, rest=0.0)
    watched(system, flat(3, token=1.0, stuck=1.0), Tripwires(wires, tmp_path))
    assert told(tmp_path) == []


@pytest.mark.parametrize(("n_moving", "dead"), [(0, "16 of 16"), (1, "15 of 16"), (8, None)])
def test_spectra_of_all_ranks_count_together(canonical, tmp_path, n_moving, dead):
    """Of this rank not one of eight spectra moves; another rank has eight, and some that do."""

    class OnTwoRanks(DeadGradient):
        def before_backward(self, view):
            other = torch.tensor([[0.0, 8, 8, 20], [8 - n_moving, n_moving, 8, 24]])
            return super().before_backward(replace(view, sum_over_ranks=lambda one: one + other))

    wires = {"dead": OnTwoRanks(every_n_steps=1, patience=1, min_share=0.9)}
    system = stuck(canonical, n_moving=0)
    watched(system, flat(1, token=1.0, stuck=1.0), Tripwires(wires, tmp_path))
    found = [entry["message"] for entry in told(tmp_path)]
    assert len(found) == (dead is not None)
    for message in found:
        assert f"{dead} spectra" in message
        assert "mean value is 2:" in message


@pytest.mark.parametrize("share", [0, 1.5])
def test_a_share_of_dead_spectra_is_a_share(share):
    with pytest.raises(InputError, match=f"min_share must lie above 0.*got {share}"):
        DeadGradient(min_share=share)


def test_a_full_clamp_is_a_frozen_loss(canonical, tmp_path):
    wires = {"frozen_loss": FrozenLoss(patience=3)}
    watched(clamped(canonical), two_stages(4), Tripwires(wires, tmp_path))
    (entry,) = told(tmp_path)
    assert entry["step"] == 6
    assert "the precursor loss has been 100.0" in entry["message"]


def test_accumulated_batches_count_as_one_step(canonical, tmp_path):
    wires = {"frozen_loss": FrozenLoss(patience=3)}
    options = {"accumulate_grad_batches": 2}
    watched(clamped(canonical), two_stages(4), Tripwires(wires, tmp_path), **options)
    assert [entry["step"] for entry in told(tmp_path)] == [6]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_the_run(canonical, tmp_path, value):
    class Weights(Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            self.last = [p.detach().clone() for p in pl_module.parameters()]

    system, weights = poisoned(canonical, at=[3], value=value), Weights()
    tripwires = Tripwires({"not_finite_loss": NotFiniteLoss()}, tmp_path)
    with pytest.raises(InputError, match=f"step 3 the poison loss is {value}.*learning rate"):
        watched(system, flat(6, token=1.0, poison=1.0), tripwires, weights)
    assert [entry["step"] for entry in told(tmp_path)] == [3]
    for before, after in zip(weights.last, system.parameters(), strict=True):
        assert torch.equal(before, after)


def leaking(vocabulary):
    system = small_system(vocabulary)
    system.sequencer = Leak(vocabulary)
    system.loss = CompositeLoss(vocabulary, {"token": TokenLoss})
    system.optimizer = partial(torch.optim.Adam, lr=0.5)
    return system


def test_a_network_that_sees_its_label_is_found(canonical, tmp_path):
    watched(leaking(canonical), flat(40, token=1.0), Tripwires({"too_good": TooGood()}, tmp_path))
    (entry,) = told(tmp_path)
    assert entry["step"] < 30
    assert "label reaches the network" in entry["message"]


def test_late_in_a_training_a_low_loss_is_welcome(canonical, tmp_path):
    wires = {"too_good": TooGood(within_steps=5)}
    watched(leaking(canonical), flat(40, token=1.0), Tripwires(wires, tmp_path))
    assert told(tmp_path) == []


def test_recall_far_below_the_promise_of_the_loss_is_found(canonical, tmp_path):
    """The other sign of a leak: a decoder, which has no label to copy, finds nothing."""

    class NoRecall(Callback):
        def on_validation_epoch_end(self, trainer, pl_module):
            pl_module.log("val/peptide_recall", 0.0)

    wires = {"too_good": TooGood(within_steps=0, window=3)}
    system = leaking(canonical)
    system.validation_step = lambda *arguments: None
    curriculum = flat(40, token=1.0)
    options = {"limit_val_batches": 1.0, "val_check_interval": 10}
    watched(system, curriculum, Tripwires(wires, tmp_path), NoRecall(), **options)
    (entry,) = told(tmp_path)
    assert "validation finds 0%" in entry["message"]


@pytest.mark.parametrize(("loss", "recall", "fires"), [
    (0.2, 0.7, False), (0.05, 0.6, False), (0.05, 0.01, True), (3.0, 0.0, False),
])  # fmt: skip
def test_the_promise_of_a_loss_is_the_chance_of_a_whole_peptide(loss, recall, fires):
    wire = TooGood(max_gap=0.5)
    wire._recent.append((loss, torch.tensor(10.0)))
    assert (wire.after_validation(7, {"val/peptide_recall": recall}) is not None) == fires
    assert wire.after_validation(7, {}) is None


def test_a_curriculum_that_nothing_follows_stops_the_run(canonical, tmp_path):
    curriculum, system = two_stages(3), small_system(canonical)
    system.loss.set_weights(curriculum.stage_at(0).weights)
    tripwires = Tripwires({"idle_curriculum": IdleCurriculum(curriculum)}, tmp_path)
    with pytest.raises(InputError, match=r"step 3 belongs to stage 2.*precursor 0\.2.*advance"):
        watched(system, curriculum, tripwires, follow=False)


def test_a_training_that_ends_in_its_first_stage_is_told(canonical, tmp_path):
    curriculum = two_stages(3)
    tripwires = Tripwires({"idle_curriculum": IdleCurriculum(curriculum)}, tmp_path)
    watched(small_system(canonical), curriculum, tripwires, max_steps=3)
    (entry,) = told(tmp_path)
    assert "stage 2 of the curriculum starts at step 3" in entry["message"]


class Stop(Callback):
    """Ask for an early end, as a time limit and early stopping do."""

    def __init__(self, step):
        self.step = step

    def on_train_batch_end(self, trainer, *arguments):
        trainer.should_stop = trainer.global_step == self.step


@pytest.mark.parametrize(("step", "n_told"), [(2, 1), (3, 1), (4, 0)])
def test_a_training_that_stops_early_is_told_of_its_first_stage(canonical, tmp_path, step, n_told):
    curriculum = two_stages(3)
    tripwires = Tripwires({"idle_curriculum": IdleCurriculum(curriculum)}, tmp_path)
    watched(small_system(canonical), curriculum, tripwires, Stop(step))
    assert [entry["step"] for entry in told(tmp_path)] == [step] * n_told


def test_a_shared_start_ends_in_its_first_stage_on_purpose(canonical, tmp_path):
    curriculum = two_stages(3)
    tripwires = Tripwires({"idle_curriculum": IdleCurriculum(curriculum)}, tmp_path)
    stop = StopAt(3, tmp_path / "shared_start.ckpt")
    watched(small_system(canonical), curriculum, tripwires, stop)
    assert stop.has_stopped
    assert told(tmp_path) == []


def test_a_run_that_another_wire_stops_is_not_asked(canonical, tmp_path):
    system = poisoned(canonical, at=[1], value=float("nan"))
    stages = [{"name": "all", "start": 0, "end": 3}, {"name": "more", "start": 3, "end": 6}]
    curriculum = Curriculum(stages, base={"weights": {"token": 1.0, "poison": 1.0}})
    wires = {"loss": NotFiniteLoss(), "idle": IdleCurriculum(curriculum)}
    with pytest.raises(InputError, match="tripwire loss"):
        watched(system, curriculum, Tripwires(wires, tmp_path))
    assert [entry["name"] for entry in told(tmp_path)] == ["loss"]


def matching(vocabulary):
    system = small_system(vocabulary)
    terms = {"token": TokenLoss, "spectrum": SpectrumMatchingLoss}
    system.loss = CompositeLoss(vocabulary, terms)
    return system


@pytest.mark.parametrize("narrows", [True, False])
def test_a_width_that_does_not_narrow_stops_the_run(canonical, tmp_path, narrows):
    class WeightsAlone(Callback):
        """A curriculum callback that has forgotten the width."""

        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            if narrows or trainer.global_step == 0:
                apply_stage(pl_module.loss, curriculum.stage_at(trainer.global_step))

    weights = {"token": 1.0, "spectrum": 0.1}
    stages = [
        {
            "name": "wide",
            "start": 0,
            "end": 3,
            "terms": {"spectrum": {"width_da": 1}},
            "weights": weights,
        },
        {
            "name": "narrow",
            "start": 3,
            "end": 6,
            "terms": {"spectrum": {"width_da": 0.3}},
            "ramp": "linear",
        },
    ]
    curriculum = Curriculum(stages)
    tripwires = Tripwires({"idle": IdleCurriculum(curriculum)}, tmp_path)
    arguments = (matching(canonical), curriculum, tripwires, WeightsAlone())
    if narrows:
        watched(*arguments, follow=False)
        assert told(tmp_path) == []
        return
    with pytest.raises(
        InputError,
        match=r"step 4 .* stage 2, narrow.*spectrum.width_da 0\.76.*spectrum.width_da 1:",
    ):
        watched(*arguments, follow=False)


def test_a_width_that_the_curriculum_leaves_open_may_be_any(canonical, tmp_path):
    curriculum, system = flat(3, token=1.0, spectrum=0.1), matching(canonical)
    tripwires = Tripwires({"idle": IdleCurriculum(curriculum)}, tmp_path)
    watched(system, curriculum, tripwires)
    assert told(tmp_path) == []


def test_a_single_stage_is_a_curriculum_too(canonical):
    assert IdleCurriculum(Curriculum([{"name": "a", "start": 0}])).at_end(100) is None


def test_an_action_that_a_wire_lacks_is_named():
    with pytest.raises(InputError, match=r"NotFiniteLoss.*stop, rewind.*'warn'"):
        NotFiniteLoss(action="warn")
    assert Tripwire().before_update(0, []) is None
