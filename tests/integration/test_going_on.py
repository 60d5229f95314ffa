"""A training that a signal ends, at any moment, and that goes on as if nothing had happened."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch

import train as program
from denovo.errors import InputError, Stopped
from denovo.training import outputs
from denovo.training.callbacks import StageHistory
from denovo.training.signals import watch
from denovo.training.system import SequencerTraining
from tests.faults import record
from tests.integration.conftest import composed_in
from train import train

SETTINGS = (
    "size.steps_per_stage=2", "callbacks.last.every_n_train_steps=3",
    "trainer.log_every_n_steps=1", "trainer.val_check_interval=4",
    "callbacks.gradient_shares.every_n_steps=2",
)  # fmt: skip
TIMED = {"train/spectra_per_second"}
PRODUCTS = ("model.safetensors", "model.json", "examples.json", "report.html")
"""Files of a run that hold no time: the same bytes, however often it was stopped."""


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
    for name in PRODUCTS:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.fixture(scope="module")
def whole(root, store_dir, tmp_path_factory):
    """An undisturbed run."""
    run_dir = tmp_path_factory.mktemp("whole")
    train(composed_in(root, store_dir, run_dir, *SETTINGS))
    return run_dir


@pytest.mark.parametrize(
    ("owner", "name", "call", "done"),
    [
        (StageHistory, "on_train_batch_end", 5, 5),
        (SequencerTraining, "validation_step", 9, 20),
        (outputs, "export_checkpoint", 1, 20),
        pytest.param(StageHistory, "on_train_batch_end", 8, 8, marks=pytest.mark.faults),
        pytest.param(SequencerTraining, "training_step", 1, 1, marks=pytest.mark.faults),
        pytest.param(SequencerTraining, "validation_step", 3, 8, marks=pytest.mark.faults),
        pytest.param(StageHistory, "on_train_batch_end", 20, 20, marks=pytest.mark.faults),
        pytest.param(SequencerTraining, "test_step", 1, 20, marks=pytest.mark.faults),
        pytest.param(outputs, "write_report", 1, 20, marks=pytest.mark.faults),
    ],
)
@pytest.mark.slow
def test_a_signal_at_any_moment_costs_nothing(
    composed, whole, tmp_path, monkeypatch, owner, name, call, done
):
    cut = tmp_path / "cut"
    config = composed(*SETTINGS, f"run_dir={cut}")
    with monkeypatch.context() as patched:
        kill_at(patched, owner, name, call)
        sentence, status = stopped(config)
    record.tried["kills"] += 1
    assert status == 143
    assert sentence == (
        f"stopped by SIGTERM: the last step is in {cut}/checkpoints/last.ckpt; the same command "
        f"with run_dir={cut} goes on"
    )
    assert step_of(cut) == done
    train(config)
    assert_same(whole, cut)


@pytest.mark.slow
def test_a_repeated_run_leaves_the_same_bytes(composed, whole, tmp_path):
    train(composed(*SETTINGS, f"run_dir={tmp_path / 'again'}"))
    assert_same(whole, tmp_path / "again")


def test_a_run_that_is_complete_prints_its_summary_again(
    composed, whole, tmp_path, capsys, monkeypatch
):
    complete = shutil.copytree(whole, tmp_path / "complete")
    config = composed(*SETTINGS, f"run_dir={complete}")
    monkeypatch.setattr(program, "fit", lambda *args, **options: pytest.fail("it trained"))
    before = {path: path.read_bytes() for path in complete.rglob("*") if path.is_file()}
    assert (
        train(config) == json.loads((complete / "summary.json").read_text())["best_peptide_recall"]
    )
    assert "Test of the best checkpoint" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in complete.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_a_complete_run_goes_on_for_more_steps(composed, whole, tmp_path):
    longer = shutil.copytree(whole, tmp_path / "longer")
    train(composed(*SETTINGS, "size.steps_per_stage=3", f"run_dir={longer}"))
    assert step_of(longer) == 30
    assert json.loads((longer / "summary.json").read_text())["steps"] == 30
    assert rows_of(longer)[:40] == [
        {name: row.get(name, "") for name in rows_of(longer)[0]} for row in rows_of(whole)[:40]
    ]


def test_a_run_of_other_settings_is_refused(composed, whole, tmp_path):
    other = shutil.copytree(whole, tmp_path / "other")
    with pytest.raises(InputError, match=r"differs in .*seed: 0 and 1.*resume=never"):
        train(composed(*SETTINGS, "seed=1", f"run_dir={other}"))
    assert step_of(other) == 20


@pytest.mark.parametrize("more", [(), ("size.steps_per_stage=3",)])
def test_the_last_checkpoint_of_a_complete_run_is_gone_on_with_elsewhere(
    composed, whole, tmp_path, more
):
    last = whole / "checkpoints" / "last.ckpt"
    run_dir = f"run_dir={tmp_path / 'on'}"
    train(composed(*SETTINGS, *more, "logger=none", run_dir, f"ckpt_path={last}"))
    summary = json.loads((tmp_path / "on" / "summary.json").read_text())
    assert summary["steps"] == (30 if more else 20)
    assert summary["checkpoint"] == str(tmp_path / "on" / "checkpoints" / "best.ckpt")
    assert (tmp_path / "on" / "model.safetensors").is_file()


def test_checkpoints_on_another_file_system_are_tested_and_exported(composed, tmp_path):
    folders = [f"callbacks.{name}.dirpath=memory://{tmp_path.name}" for name in ("best", "last")]
    config = composed(*SETTINGS, *folders, "logger=none")
    train(config)
    assert (tmp_path / "model.safetensors").is_file()
    assert not (tmp_path / "checkpoints").exists()
    train(config)  # finds that the run is complete


PROGRAM = (
    "+experiment=smoke", "size.n_peptides=300", "size.n_proteins=20", "size.batch_size=8",
    "size.val_spectra=8", "size.test_spectra=8", "data.sources.processes=1", "logger=csv",
    "~callbacks.progress", "callbacks.last.every_n_train_steps=5", "size.steps_per_stage=500",
)  # fmt: skip


def start(root, store_dir, *arguments):
    return subprocess.Popen(
        [sys.executable, "train.py", *arguments, *PROGRAM, f"store_dir={store_dir}"],
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process, path):
    deadline = time.monotonic() + 300
    while not path.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert path.exists(), process.communicate()


@pytest.mark.faults
@pytest.mark.parametrize(("signum", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_the_program_says_where_the_last_step_is(root, store_dir, tmp_path, signum, status):
    process = start(root, store_dir, f"hydra.run.dir={tmp_path}")
    wait_for(process, tmp_path / "checkpoints" / "last.ckpt")
    process.send_signal(signum)
    record.tried["kills"] += 1
    _, errors = process.communicate(timeout=120)
    assert process.returncode == status
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == (
        f"stopped by {signum.name}: the last step is in {tmp_path}/checkpoints/last.ckpt; the same "
        f"command with run_dir={tmp_path} goes on"
    )


@pytest.mark.faults
@pytest.mark.parametrize("launcher", [(), ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")])
def test_a_signal_ends_a_whole_sweep_which_can_go_on(root, store_dir, tmp_path, launcher):
    arguments = ("-m", "seed=0,1,2", f"hydra.sweep.dir={tmp_path}", *launcher)
    process = start(root, store_dir, *arguments)
    wait_for(process, tmp_path / "0" / "checkpoints" / "last.ckpt")
    process.terminate()
    record.tried["kills"] += 1
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 143
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == (
        f"stopped by SIGTERM: the same command with hydra.sweep.dir={tmp_path} goes on with its "
        "jobs"
    )
    done = step_of(tmp_path / "0")
    assert not (tmp_path / "2" / "metrics").exists()
    process = start(root, store_dir, *arguments)
    wait_for(process, tmp_path / "0" / "checkpoints" / "last.ckpt")
    deadline = time.monotonic() + 180
    while step_of(tmp_path / "0") == done and time.monotonic() < deadline:
        time.sleep(0.2)
    process.terminate()
    process.communicate(timeout=180)
    assert step_of(tmp_path / "0") > done
