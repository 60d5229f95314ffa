"""A training that a signal ends, at any moment, and that goes on as if nothing had happened."""

import csv
import json
import os
import signal

import pytest
import torch

import train as program
from denovo.callbacks import StageHistory
from denovo.errors import InputError
from denovo.stopping import Stopped, watch
from denovo.system import Sequencing
from train import train

SETTINGS = (
    "scale.steps_per_stage=2", "callbacks.last.every_n_train_steps=3",
    "trainer.log_every_n_steps=1", "trainer.val_check_interval=4", "callbacks.ledger.every_n_steps=2",
)  # fmt: skip
ACCUMULATED = (*SETTINGS, "trainer.accumulate_grad_batches=2")
TIMED = {"train/spectra_per_second"}


@pytest.fixture(autouse=True)
def fresh_watch():
    """Forget the signals of the test before."""
    yield
    watch.asked = None


def kill_at(monkeypatch, owner, name, call, signum=signal.SIGTERM):
    """Send this process a signal in the n-th call of a function, before it does its work."""
    original, calls = getattr(owner, name), []

    def killing(*args, **kwargs):
        calls.append(name)
        if len(calls) == call:
            os.kill(os.getpid(), signum)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, killing)


def stopped(config):
    """Train until the signal, and return what the command says and its status."""
    with pytest.raises(Stopped) as caught:
        train(config)
    watch.asked = None
    return caught.value.sentence, caught.value.code


def rows_of(run_dir):
    with (run_dir / "metrics" / "metrics.csv").open(newline="") as file:
        return [
            {key: value for key, value in row.items() if key not in TIMED}
            for row in csv.DictReader(file)
        ]


def step_of(run_dir):
    return torch.load(run_dir / "checkpoints" / "last.ckpt", weights_only=True)["global_step"]


def left_by(run_dir):
    """Collect what a run leaves, without times and the name of its folder."""
    summary = json.loads((run_dir / "summary.json").read_text())
    for key in ("seconds", "spectra_per_second", "checkpoint"):
        del summary[key]
    summary["metrics"].pop("train/spectra_per_second")
    return summary


def assert_same(one, other):
    assert rows_of(one) == rows_of(other)
    assert left_by(one) == left_by(other)
    for name in ("best", "last"):
        states = [
            torch.load(folder / "checkpoints" / f"{name}.ckpt", weights_only=True)["state_dict"]
            for folder in (one, other)
        ]
        for weight, value in states[0].items():
            assert torch.equal(value, states[1][weight]), (name, weight)
    exported = [(folder / "model.safetensors").read_bytes() for folder in (one, other)]
    assert exported[0] == exported[1]
    assert (one / "examples.json").read_bytes() == (other / "examples.json").read_bytes()


@pytest.fixture
def whole(composed, tmp_path):
    """An undisturbed run."""
    train(composed(*SETTINGS, f"run_dir={tmp_path / 'whole'}"))
    return tmp_path / "whole"


@pytest.mark.parametrize(
    ("owner", "name", "call", "done"),
    [
        (StageHistory, "on_train_batch_end", 5, 5),
        (StageHistory, "on_train_batch_end", 8, 8),
        (Sequencing, "training_step", 1, 1),
        (Sequencing, "validation_step", 3, 8),
        (Sequencing, "validation_step", 9, 20),
        (StageHistory, "on_train_batch_end", 20, 20),
        (Sequencing, "test_step", 1, 20),
        (program, "export_checkpoint", 1, 20),
        (program, "write_report", 1, 20),
    ],
)
def test_a_signal_at_any_moment_costs_nothing(
    composed, whole, tmp_path, monkeypatch, owner, name, call, done
):
    cut = tmp_path / "cut"
    config = composed(*SETTINGS, f"run_dir={cut}")
    with monkeypatch.context() as patched:
        kill_at(patched, owner, name, call)
        sentence, status = stopped(config)
    assert status == 143
    assert sentence.startswith(f"stopped by SIGTERM: the last step is in {cut}/checkpoints/last.ckpt")
    assert step_of(cut) == done
    train(config)
    assert_same(whole, cut)
