"""The lines that a training logs where there is no terminal."""

import logging
from types import SimpleNamespace

import pytest
from lightning.pytorch.callbacks import Callback

from denovo.training.callbacks import CurriculumCallback, TrainingProgress, progress
from tests.helpers.tiny_training import CutAt, train_small, two_stages


class Clock(Callback):
    """Show five seconds more after every training step."""

    now = 100.0

    def on_train_batch_start(self, *_):
        self.now += 5.0


@pytest.fixture
def lines(canonical, monkeypatch, caplog):
    clock = Clock()
    monkeypatch.setattr(progress, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    caplog.set_level(logging.INFO, progress.__name__)

    def train(*others, **options):
        caplog.clear()
        curriculum = two_stages(3)
        callbacks = [CurriculumCallback(curriculum), clock, TrainingProgress(every_s=10.0), *others]
        train_small(canonical, curriculum, callbacks, enable_progress_bar=True, **options)
        return [record.message for record in caplog.records if record.name == progress.__name__]

    return train


def test_lines_have_step_rate_time_left_and_losses(lines):
    found = lines(val_check_interval=4)
    assert [line.split(",")[0] for line in found] == [
        "step 1 of 6", "step 3 of 6", "step 5 of 6", "step 6 of 6",
    ]  # fmt: skip
    assert "step 1 of 6, 0.2 steps/s, 0:00:25 left, loss " in found[0]
    assert "(token " in found[0]
    assert "precursor error " in found[0]
    assert "peptide recall" not in found[1]
    assert "peptide recall 0" in found[2]
    assert "left" not in found[3]


def test_a_resumed_training_estimates_from_its_own_steps(lines, tmp_path):
    lines(CutAt(4, tmp_path))
    found = lines(ckpt_path=tmp_path / "cut.ckpt")
    assert found[0].startswith("step 5 of 6, 0.2 steps/s, 0:00:05 left")


def test_on_a_terminal_there_is_a_bar_and_no_line(lines, monkeypatch):
    monkeypatch.setattr(progress, "Console", lambda: SimpleNamespace(is_terminal=True))
    assert lines() == []
