"""Steps that jobs share are trained once, and what follows is as if they had not been shared."""

import logging
import os
import threading
import time
from pathlib import Path

import pytest
import torch

from denovo import __version__
from denovo.errors import InputError
from denovo.training.configuration import build
from denovo.training.shared_start import first_step_of, start_from_shared_steps
from train import fit, train

SHARED_START = (
    "+experiment=clamp_vs_log",
    "model=evidence",
    "callbacks.last.every_n_train_steps=30",
)


class Fit:
    """Stands for a training: counts itself and writes the checkpoint it was asked for."""

    def __init__(self):
        self.configs = []

    def __call__(self, cfg, stop):
        self.configs.append(cfg)
        time.sleep(0.05)
        stop.path.parent.mkdir(parents=True, exist_ok=True)
        stop.path.write_text(str(stop.step))


@pytest.fixture
def job(composed, tmp_path):
    """Compose a job in a sweep of its own."""
    return lambda *overrides: composed(*SHARED_START, f"run_dir={tmp_path / '0'}", *overrides)


def started(job, fit, *overrides):
    return start_from_shared_steps(job(*overrides), fit).ckpt_path


def test_jobs_that_differ_after_the_switch_share_a_start(job, tmp_path):
    fit = Fit()
    paths = {
        started(job, fit, "penalty=clamp"),
        started(job, fit, "penalty=log", f"run_dir={tmp_path / '1'}"),
        started(job, fit, "loss_scale=7", f"run_dir={tmp_path / '2'}", "name=other"),
        started(job, fit, "branch=none", f"run_dir={tmp_path / '3'}"),
    }
    assert len(paths) == len(fit.configs) == 1
    assert fit.configs[0].run_dir.startswith(str(tmp_path / "shared_start" / "seed=0-"))
    assert list(fit.configs[0].logger) == ["csv"]


@pytest.mark.parametrize(
    "change",
    ["seed=1", "optimizer.lr=0.1", "size.d_state=24", "loss.terms.token.label_smoothing=0.1",
     "curriculum.base.weights.precursor=0.1", "trainer.gradient_clip_val=2.0"],
)  # fmt: skip
def test_jobs_that_differ_before_the_switch_do_not(job, change):
    fit = Fit()
    assert started(job, fit) != started(job, fit, change)
    assert len(fit.configs) == 2


def test_another_version_of_the_program_trains_its_own(job, monkeypatch):
    fit = Fit()
    first = started(job, fit)
    monkeypatch.setattr("denovo.training.shared_start.__version__", "99.0")
    assert started(job, fit) != first
    assert len(fit.configs) == 2


def test_the_age_of_a_shared_start_that_was_there_before_is_told(job, caplog):
    fit = Fit()
    with caplog.at_level(logging.INFO, "denovo.training.shared_start"):
        path = started(job, fit)
        assert " old, " not in caplog.text
        two_hours_ago = time.time() - 2 * 3600
        os.utime(path, (two_hours_ago, two_hours_ago))
        assert started(job, fit) == path
    assert f"{path}: 2:00:0" in caplog.text
    assert f" old, by denovo {__version__}" in caplog.text


def test_jobs_side_by_side_train_it_once(job):
    fit = Fit()
    # Copying a configuration detaches its nodes for a moment, so each job needs one of its own.
    configs = [job() for _ in range(3)]
    threads = [threading.Thread(target=start_from_shared_steps, args=(c, fit)) for c in configs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fit.configs) == 1


def test_an_interrupted_shared_start_is_gone_on_with_from_its_last_step(job):
    fit, config = Fit(), job()
    checkpoint = Path(start_from_shared_steps(config, fit).ckpt_path)
    last = checkpoint.rename(checkpoint.with_name("last.ckpt"))
    assert Path(start_from_shared_steps(config, fit).ckpt_path) == checkpoint
    assert fit.configs[0].ckpt_path is None
    assert fit.configs[1].ckpt_path == str(last)


def test_what_a_shared_start_without_a_checkpoint_left_is_removed(job):
    fit, config = Fit(), job()
    checkpoint = Path(start_from_shared_steps(config, fit).ckpt_path)
    remains = checkpoint.rename(checkpoint.with_name("best.ckpt"))
    assert Path(start_from_shared_steps(config, fit).ckpt_path) == checkpoint
    assert fit.configs[1].ckpt_path is None
    assert not remains.exists()


@pytest.mark.parametrize("stage", ["tokens", "nowhere"])
def test_a_stage_to_start_from_must_exist_and_not_be_the_first(composed, stage):
    curriculum = build(composed(*SHARED_START).curriculum)
    assert first_step_of(curriculum, "masses") == 3
    with pytest.raises(InputError, match=f"shared_start.until={stage} .* choose from masses"):
        first_step_of(curriculum, stage)


def test_several_devices_are_refused(job):
    with pytest.raises(InputError, match="one device"):
        started(job, Fit(), "trainer.devices=2")


@pytest.mark.slow
def test_a_run_from_a_shared_start_ends_with_the_weights_of_an_uninterrupted_one(
    composed, tmp_path
):
    short = ("size.steps_per_stage=2", "trainer.val_check_interval=20")
    whole = fit(composed(*SHARED_START, *short, "logger=none", f"run_dir={tmp_path / 'whole'}"))
    train(composed(*SHARED_START, *short, f"run_dir={tmp_path / 'shared'}"))
    last = tmp_path / "shared" / "checkpoints" / "last.ckpt"
    shared = torch.load(last, weights_only=True)
    assert whole.trainer.global_step == shared["global_step"] == 20
    for name, value in whole.system.state_dict().items():
        assert torch.equal(value, shared["state_dict"][name]), name
    (metrics,) = (tmp_path / "shared_start").glob("seed=0-*/metrics/metrics.csv")
    assert metrics.read_text().count("\n") > 1
