"""Spectra and seconds of training, validation left out, by a clock that the test turns."""

from types import SimpleNamespace

import pytest
from lightning.pytorch.callbacks import Callback

from denovo.training.callbacks import CurriculumCallback, Pace, pace
from tests.helpers.tiny_training import CutAt, train_small, two_stages


class Clock(Callback):
    """Show one second more after every training step, and an hour more after every validation."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now

    def on_train_batch_start(self, *_):
        self.now += 1.0

    def on_validation_start(self, *_):
        self.now += 3600.0


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(pace, "time", SimpleNamespace(perf_counter=clock.perf_counter))
    return clock


def trained(vocabulary, *others, **options):
    curriculum, measured = two_stages(3), Pace()
    callbacks = [CurriculumCallback(curriculum), measured, *others]
    return measured, train_small(vocabulary, curriculum, callbacks, **options)


def test_seconds_of_validation_do_not_count(canonical, clock):
    measured, trainer = trained(canonical, clock, val_check_interval=2)
    assert clock.now > 3 * 3600
    assert measured.seconds == 6.0
    assert measured.n_spectra == 6 * 8
    assert measured.spectra_per_second == 8.0
    assert float(trainer.callback_metrics["train/spectra_per_second"]) == 8.0


def test_accumulated_batches_are_counted_one_by_one(canonical, clock):
    measured, _ = trained(canonical, clock, accumulate_grad_batches=2)
    assert measured.n_spectra == 2 * 6 * 8


def test_a_resumed_run_adds_to_what_was_counted(canonical, clock, tmp_path):
    trained(canonical, clock, CutAt(4, tmp_path))
    clock.now += 86_400.0
    resumed, _ = trained(canonical, clock, ckpt_path=tmp_path / "cut.ckpt")
    assert (resumed.seconds, resumed.n_spectra) == (6.0, 48)


def test_before_the_first_step_the_pace_is_0():
    assert Pace().spectra_per_second == 0.0
