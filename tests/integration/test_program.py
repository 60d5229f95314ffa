"""The command that people type, as they type it."""

import os
import subprocess
import sys

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


def test_the_smoke_experiment_runs_with_every_default(root, tmp_path):
    """W&B offline beside CSV, progress bar, both evaluation sets, tables at the end."""
    printed = run(
        root, "+experiment=smoke", *SMALL, f"hydra.run.dir={tmp_path}", f"store_dir={tmp_path}/s"
    )
    assert "Training by stage" in printed
    assert "precursor_1.0" in printed
    assert f"next: denovo sequence run.mzML --checkpoint {tmp_path}/model.safetensors" in printed
    assert (tmp_path / "model.safetensors").is_file()
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
    assert (tmp_path / "metrics" / "metrics.csv").exists()
    assert (tmp_path / ".hydra" / "config.yaml").exists()
