"""The commands that people type, as they type them."""

import csv
import json
import os
import subprocess
import sys

import pytest

SMALL = (
    "size.n_peptides=300", "size.n_proteins=20", "size.steps_per_stage=2",
    "size.val_spectra=8", "size.test_spectra=8", "data.sources.processes=1",
    "trainer.val_check_interval=10",
)  # fmt: skip


def run(root, *arguments):
    result = subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


@pytest.mark.slow
def test_a_sweep_over_the_loss_scale_runs_every_job(root, tmp_path):
    run(
        root, "-m", "+experiment=smoke", "loss_scale=10,100", "logger=csv", *SMALL,
        f"hydra.sweep.dir={tmp_path}", f"store_dir={tmp_path / 'stores'}",
    )  # fmt: skip
    losses = []
    for job in "01":
        summary = json.loads((tmp_path / job / "summary.json").read_text())
        assert summary["steps"] == 20
        with (tmp_path / job / "metrics" / "metrics.csv").open() as file:
            rows = [row for row in csv.DictReader(file) if row["train/precursor_loss"]]
        losses.append(float(rows[0]["train/precursor_loss"]))
    # The same first batch and the same weights: only the loss scale differs, and it is normalised.
    assert losses[0] > losses[1] > 0


@pytest.mark.slow
def test_the_smoke_experiment_runs_with_every_default(root, tmp_path):
    """W&B offline beside CSV, progress bar, both evaluation sets, tables at the end."""
    printed = run(
        root, "+experiment=smoke", *SMALL, f"hydra.run.dir={tmp_path}", f"store_dir={tmp_path}/s"
    )
    assert "Training by stage" in printed
    assert "precursor_1.0" in printed
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
    assert (tmp_path / "metrics" / "metrics.csv").exists()
    assert (tmp_path / ".hydra" / "config.yaml").exists()
