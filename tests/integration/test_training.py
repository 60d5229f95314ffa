"""The whole path in small: train, validate, test, report, go on."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from denovo.sequencing.networks import load_sequencer
from denovo.training.summary import describe_training
from train import fit, train

VALIDATE_ONCE = "trainer.val_check_interval=30"
"""Validate after the last of at most 30 steps."""


def logged_names(run_dir):
    with (run_dir / "metrics" / "metrics.csv").open() as file:
        return set(next(csv.reader(file)))


def token_losses(run_dir):
    """Cross-entropy at each logged step, in order."""
    with (run_dir / "metrics" / "metrics.csv").open() as file:
        cells = [row["train/loss_token"] for row in csv.DictReader(file)]
    return [float(cell) for cell in cells if cell]


def test_a_run_leaves_metrics_checkpoints_and_a_summary(trained):
    run_dir, score = trained
    assert not (run_dir / "tripwires.jsonl").exists()
    names = logged_names(run_dir)
    # Names that dashboards rely on, and validation, which a misspelt key once kept from running.
    assert {"train/precursor_loss", "train/ppm_error", "train/mass_error_da"} <= names
    assert {"val/peptide_recall", "val_noisy/peptide_recall", "val/ppm_within_10"} <= names
    assert {"curriculum/stage", "curriculum/weight_precursor", "train/share_token"} <= names
    assert {
        "gradients/norm_token",
        "gradients/share_precursor",
        "gradients/cosine_spectrum",
    } <= names
    summary = json.loads((run_dir / "summary.json").read_text())
    assert summary["steps"] == 30
    assert len(summary["stages"]) == 10
    assert summary["store_hash"]
    assert summary["spectra_per_second"] > 0
    assert summary["spectra"] == 30 * 8
    assert summary["versions"]["torch"] == torch.__version__
    assert score == summary["best_peptide_recall"]
    assert summary["metrics"]["test/n_spectra"] == 8
    assert "test_noisy/peptide_recall" in summary["metrics"]


def test_the_weights_that_were_applied_are_those_of_the_schedule(trained):
    run_dir, _ = trained
    with (run_dir / "metrics" / "metrics.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["curriculum/weight_precursor"]]
    applied = {int(row["step"]): float(row["curriculum/weight_precursor"]) for row in rows}
    # Stages of three steps, in which a cosine has passed 0, 1/4 and 3/4 of the way.
    assert applied[2] == applied[3] == 0
    assert applied[4] == pytest.approx(0.25 * 0.2)
    assert applied[29] == pytest.approx(0.9 + 0.75 * 0.1)
    shares = {int(row["step"]): float(row["train/share_precursor"]) for row in rows}
    assert shares[3] == 0
    assert shares[4] > 0


def test_the_checkpoint_alone_is_enough_to_load_the_sequencer(trained):
    run_dir, _ = trained
    sequencer, config = load_sequencer(run_dir / "checkpoints" / "best.ckpt")
    assert config["curriculum"]["steps_per_unit"] == 3
    assert not sequencer.training
    raw = torch.load(run_dir / "checkpoints" / "best.ckpt", weights_only=True)
    assert {key.split(".")[0] for key in raw["state_dict"]} == {"sequencer"}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run(composed, tmp_path):
    states = {}
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        arguments = (f"seed={seed}", "model=transformer", "logger=none", VALIDATE_ONCE)
        fitted = fit(composed(f"run_dir={tmp_path / name}", *arguments))
        states[name] = fitted.system.sequencer.state_dict()
    for name, weights in states["one"].items():
        assert torch.equal(weights, states["same"][name]), name
    assert any(not torch.equal(w, states["other"][name]) for name, w in states["one"].items())


@pytest.mark.slow
def test_a_killed_run_goes_on_as_if_nothing_had_happened(root, composed, store_dir, tmp_path):
    """SIGKILL at an arbitrary step; the resumed run ends with exactly the same weights."""
    arguments = (
        "callbacks.last.every_n_train_steps=5", "size.steps_per_stage=2", "logger=none",
        "decoder.max_length=8", "trainer.val_check_interval=10",
    )  # fmt: skip
    whole = fit(composed(f"run_dir={tmp_path / 'whole'}", *arguments))
    cut = tmp_path / "cut"
    overrides = [
        "size.n_peptides=300", "size.n_proteins=20", "size.batch_size=8",
        "calibration_spectra=0",
        "size.val_spectra=8", "size.test_spectra=8", "size.d_state=16", "size.d_scorer=8",
        "data.sources.processes=1", "~callbacks.progress",
        f"run_dir={cut}", f"store_dir={store_dir}", f"hydra.run.dir={cut}", *arguments,
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "train.py", *overrides],
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    last = cut / "checkpoints" / "last.ckpt"
    deadline = time.monotonic() + 120
    while not last.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert last.exists()
    step = torch.load(last, weights_only=True)["global_step"]
    assert 0 < step < 20
    resumed = fit(composed(f"run_dir={tmp_path / 'resumed'}", f"ckpt_path={last}", *arguments))
    states = [
        torch.load(tmp_path / name / "checkpoints" / "last.ckpt", weights_only=True)
        for name in ("whole", "resumed")
    ]
    assert [state["global_step"] for state in states] == [20, 20]
    for name, weights in states[0]["state_dict"].items():
        assert torch.equal(weights, states[1]["state_dict"][name]), name
    stages = [
        describe_training(run.trainer, run.data.sources)["stages"] for run in (whole, resumed)
    ]
    assert stages[0] == stages[1]


@pytest.mark.slow
def test_eight_spectra_can_be_learnt_by_heart(composed, tmp_path):
    """Validation and test take the most time."""
    short = ("trainer.val_check_interval=300", "logger=none")
    config = composed("+experiment=overfit", *short, "~callbacks.progress", small=False)
    assert train(config) == 1.0
    assert not (tmp_path / "tripwires.jsonl").exists()


def test_a_backward_sequencer_learns_too(composed, tmp_path):
    arguments = ("model.direction=backward", "trainer.log_every_n_steps=1", VALIDATE_ONCE)
    fit(composed(*arguments, "+experiment=baseline"))
    losses = token_losses(tmp_path)
    assert len(losses) == 30
    assert sum(losses[-5:]) < 0.98 * sum(losses[:5])
    sequencer, _ = load_sequencer(tmp_path / "checkpoints" / "best.ckpt")
    assert sequencer.direction == "backward"


@pytest.mark.slow
def test_measured_spectra_are_learnt_from_too(composed, real_data, tmp_path):
    file = real_data("pepnet_train.mgf")
    arguments = ("data=annotated", f"data.train={file}", f"data.val=[{file}]")
    train(composed(*arguments, "trainer.log_every_n_steps=1", VALIDATE_ONCE))
    losses = token_losses(tmp_path)
    assert sum(losses[-5:]) < 0.98 * sum(losses[:5])
    metrics = json.loads((tmp_path / "summary.json").read_text())["metrics"]
    assert metrics["test/n_spectra"] == 8


@pytest.mark.parametrize("nothing", ["logger=none", "~logger"])
def test_a_run_without_any_logger_trains_and_is_tested(composed, tmp_path, caplog, nothing):
    composed_so = (nothing, "model=transformer", "size.steps_per_stage=1", VALIDATE_ONCE)
    with caplog.at_level("WARNING"):
        train(composed(*composed_so, "+experiment=clamp_vs_log", "shared_start.until=masses"))
    assert json.loads((tmp_path / "summary.json").read_text())["steps"] == 10
    assert not (tmp_path / "metrics").exists()
    assert not (tmp_path / "report.html").exists()
    assert "could not be made" not in caplog.text
