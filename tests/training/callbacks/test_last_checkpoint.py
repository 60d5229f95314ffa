"""The last step of a training, and the training that goes on from it."""

import os
import signal

import fsspec
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins.environments import SLURMEnvironment

from denovo.errors import InputError, Stopped
from denovo.training.callbacks import (
    AtomicCheckpointIO,
    BestCheckpoint,
    CurriculumCallback,
    LastCheckpoint,
)
from denovo.training.configuration import quiet_libraries
from denovo.training.signals import watch
from tests.helpers.tiny_training import Witness, small_data, small_system, small_trainer, two_stages

EVERY = 3


@pytest.fixture(autouse=True)
def fresh_watch():
    """Watch as `train.py` does, and forget the signals of the test before."""
    quiet_libraries()
    with watch:
        yield
        watch.asked = None


class SignalAt(Callback):
    """Send a signal in the midst of a step."""

    def __init__(self, step, micro_batch=0, signum=signal.SIGTERM):
        self.step, self.micro_batch, self.signum = step, micro_batch, signum

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        accumulate = trainer.accumulate_grad_batches
        if batch_idx == self.step * accumulate + self.micro_batch and watch.asked is None:
            os.kill(os.getpid(), self.signum)


def fit(vocabulary, folder, *more, ckpt_path=None, n=4, **options):
    """Train two stages of n steps with best and last checkpoint."""
    curriculum, witness = two_stages(n), Witness()
    last = LastCheckpoint(folder, every_n_train_steps=2)
    best = BestCheckpoint(folder, "best", monitor="val/soft_ppm_error_abs_median", mode="min",
                          enable_version_counter=False)  # fmt: skip
    callbacks = [last, CurriculumCallback(curriculum), witness, best, *more]
    options = {"val_check_interval": EVERY, "enable_checkpointing": True} | options
    options["val_check_interval"] *= options.get("accumulate_grad_batches", 1)
    trainer = small_trainer(curriculum, callbacks, plugins=[AtomicCheckpointIO()], **options)
    system = small_system(vocabulary)
    data = small_data(vocabulary, curriculum)
    try:
        trainer.fit(system, data, ckpt_path=ckpt_path, weights_only=True)
    finally:
        witness.weights_now = torch.cat([p.detach().flatten() for p in system.parameters()])
        witness.best, witness.trainer = best, trainer
    return witness


def stop(vocabulary, folder, *more, status=143, **options):
    with pytest.raises(Stopped) as stopped:
        fit(vocabulary, folder, *more, **options)
    assert stopped.value.code == status
    watch.asked = None


def read(path):
    return torch.load(path, weights_only=True)


def test_it_is_the_last_step_at_the_end(canonical, tmp_path):
    fit(canonical, tmp_path)
    assert read(tmp_path / "last.ckpt")["global_step"] == 8


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("step", [0, 2, 3, 6, 7])
def test_a_stopped_training_goes_on_exactly(canonical, tmp_path, step, accumulate):
    options = {"accumulate_grad_batches": accumulate}
    whole = fit(canonical, tmp_path / "whole", **options)
    cut = tmp_path / "cut"
    stop(canonical, cut, SignalAt(step), **options)
    # The step in which the signal came is done as a whole.
    assert read(cut / "last.ckpt")["global_step"] == step + 1
    on = fit(canonical, cut, ckpt_path=cut / "last.ckpt", **options)
    assert on.steps == whole.steps[(step + 1) * accumulate :]
    assert torch.equal(on.weights_now, whole.weights_now)
    assert on.best.best_model_score == whole.best.best_model_score
    assert (
        read(cut / "best.ckpt")["global_step"]
        == read(tmp_path / "whole" / "best.ckpt")["global_step"]
    )


@pytest.mark.parametrize("signum", [signal.SIGUSR1, signal.SIGINT])
def test_every_signal_that_clusters_and_people_send_is_obeyed(canonical, tmp_path, signum):
    stop(canonical, tmp_path, SignalAt(1, signum=signum), status=128 + signum)
    assert read(tmp_path / "last.ckpt")["global_step"] == 2


def test_under_slurm_the_job_does_not_requeue_itself(canonical, tmp_path, monkeypatch):
    """Lightning would call ``scontrol`` in the midst of a step, and end with status 0."""
    names = {"NTASKS": 1, "JOB_ID": 7, "JOB_NAME": "denovo", "PROCID": 0, "LOCALID": 0, "NODEID": 0}
    for name, value in names.items():
        monkeypatch.setenv(f"SLURM_{name}", str(value))
    environment = SLURMEnvironment()
    assert environment.auto_requeue
    called = []
    monkeypatch.setattr("lightning.pytorch.trainer.connectors.signal_connector.call", called.append)
    stop(canonical, tmp_path, SignalAt(1, signum=signal.SIGUSR1), status=138)
    assert called == []
    assert not list(tmp_path.glob("hpc_ckpt*"))


def test_a_training_goes_on_for_more_steps_than_planned(canonical, tmp_path):
    fit(canonical, tmp_path, n=4)
    on = fit(canonical, tmp_path, n=6, ckpt_path=tmp_path / "last.ckpt")
    assert on.steps == list(range(8, 12))
    assert read(tmp_path / "last.ckpt")["global_step"] == 12


def test_the_best_checkpoint_is_taken_along_into_another_folder(canonical, tmp_path):
    whole = fit(canonical, tmp_path / "whole")
    stop(canonical, tmp_path / "cut", SignalAt(6))
    on = fit(canonical, tmp_path / "on", ckpt_path=tmp_path / "cut" / "last.ckpt")
    assert on.best.best_model_score == whole.best.best_model_score
    assert on.best.best_model_path == str(tmp_path / "on" / "best.ckpt")
    one, other = (read(tmp_path / name / "best.ckpt") for name in ("whole", "on"))
    assert one["global_step"] == other["global_step"]


def test_a_best_checkpoint_that_is_gone_is_told(canonical, tmp_path, caplog):
    stop(canonical, tmp_path / "cut", SignalAt(6))
    (tmp_path / "cut" / "best.ckpt").unlink()
    fit(canonical, tmp_path / "on", ckpt_path=tmp_path / "cut" / "last.ckpt")
    assert "no longer exists" in caplog.text


def test_checkpoints_may_lie_elsewhere(canonical, tmp_path):
    """Through fsspec, as on S3."""
    folder = f"memory://{tmp_path.name}"
    whole = fit(canonical, tmp_path)
    stop(canonical, folder, SignalAt(4))
    on = fit(canonical, folder, ckpt_path=f"{folder}/last.ckpt")
    assert torch.equal(on.weights_now, whole.weights_now)
    names = [
        path.rpartition("/")[2]
        for path in fsspec.filesystem("memory").ls(f"/{tmp_path.name}", detail=False)
    ]
    assert sorted(names) == ["best.ckpt", "last.ckpt"]


def test_an_interval_of_no_steps_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least 1, got 0"):
        LastCheckpoint(tmp_path, every_n_train_steps=0)


def test_a_rank_stops_when_another_one_was_asked(tmp_path):
    assert watch.asked is None
    with pytest.raises(Stopped) as stopped:
        LastCheckpoint(tmp_path, 1)._stop()
    assert stopped.value.signum == signal.SIGTERM
