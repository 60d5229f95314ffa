"""Sweeps as they are typed: every launcher, a failing job, a search, the re-enactment."""

import csv
import os
import subprocess
import sys

import pytest
from hydra import compose, initialize_config_dir

from denovo.training.signals import GRACE_S
from tests.helpers.wandb_file import OfflineRun

SMALL = (
    "size.n_peptides=300", "size.n_proteins=20", "size.steps_per_stage=1", "size.batch_size=8",
    "calibration_spectra=0",
    "size.val_spectra=8", "size.test_spectra=8", "size.d_state=16", "size.d_scorer=8",
    "model=evidence", "data.sources.processes=1", "logger=csv", "~callbacks.progress",
    "trainer.log_every_n_steps=1", "trainer.val_check_interval=10",
    "decoder.max_length=8",
)  # fmt: skip

BRANCHES = ["none", "plain_clamp", "normalised_clamp", "plain_log", "normalised_log"]


@pytest.fixture
def sweep(root, tmp_path, store_dir):
    """Run ``train.py -m`` in small, and return what came of it."""

    def run(*arguments):
        folders = (f"hydra.sweep.dir={tmp_path / 'sweep'}", f"store_dir={store_dir}")
        return subprocess.run(
            [sys.executable, "train.py", "-m", *SMALL, *arguments, *folders],
            cwd=root,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [(), ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")])
def test_one_failing_job_leaves_the_others_and_is_named(sweep, tmp_path, launcher):
    result = sweep("+experiment=curriculum", "loss_scale=0,10,100", *launcher)
    assert result.returncode == 1
    assert "job 0 failed: loss_scale must be positive, got 0" in result.stdout
    failed, *finished = rows_of(tmp_path / "sweep" / "comparison.csv")
    assert (failed["loss_scale"], failed["state"]) == ("0", "failed")
    assert [(row["loss_scale"], row["state"]) for row in finished] == [
        ("10", "finished"), ("100", "finished")
    ]  # fmt: skip
    assert [float(row["steps"]) for row in finished] == [10, 10]
    first_losses = [
        next(
            float(row["train/precursor_loss"])
            for row in rows_of(tmp_path / "sweep" / job / "metrics" / "metrics.csv")
            if row["train/precursor_loss"]
        )
        for job in "12"
    ]
    # The same first batch and the same weights: only the loss scale differs, and it is normalised.
    assert first_losses[0] > first_losses[1] > 0
    assert (tmp_path / "sweep" / "comparison.png").is_file()
    assert "loss_scale" in (tmp_path / "sweep" / "0" / "failure.txt").read_text()


@pytest.mark.slow
def test_a_job_that_fails_while_it_trains_ends_its_run_in_wandb_as_failed(sweep, tmp_path):
    """At a learning rate of 1e30 a tripwire ends it."""
    sweep(
        "+experiment=curriculum", "optimizer.lr=1e30,1e-3", "trainer.gradient_clip_val=null",
        "callbacks.tripwires.wires.not_finite_gradient.action=stop", "logger=wandb",
    )  # fmt: skip
    failed, finished = (OfflineRun(tmp_path / "sweep" / job) for job in "01")
    assert (tmp_path / "sweep" / "0" / "failure.txt").is_file()
    assert (failed.exit_code, finished.exit_code) == (1, 0)


@pytest.mark.slow
def test_a_search_goes_on_after_a_failed_trial(sweep, tmp_path):
    pytest.importorskip("optuna")
    result = sweep(
        "+experiment=search", "hydra.sweeper.n_trials=3", "hydra.sweeper.params.penalty=log",
        "hydra.sweeper.params.loss_scale='choice(0, 10)'",
    )  # fmt: skip
    states = [row["state"] for row in rows_of(tmp_path / "sweep" / "comparison.csv")]
    assert len(states) == 3
    assert "finished" in states
    assert result.returncode == ("failed" in states)
    assert "loss_scale: 10" in (tmp_path / "sweep" / "optimization_results.yaml").read_text()


@pytest.mark.slow
def test_the_branches_of_the_reenactment_go_on_from_one_network(sweep, tmp_path):
    result = sweep(
        "+experiment=clamp_vs_log", "seed=0", "callbacks.gradient_shares.every_n_steps=1"
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert (
        len(list((tmp_path / "sweep" / "shared_start").glob("*/checkpoints/shared_start.ckpt")))
        == 1
    )
    rows = rows_of(tmp_path / "sweep" / "reenactment.csv")
    assert [row["branch"] for row in rows] == BRANCHES
    assert {row["switch"] for row in rows} == {"1"}
    assert len({row["ppm_at_switch"] for row in rows}) == 1
    assert "penalty" not in rows[0]  # it follows from the branch
    norms = [
        [
            float(row["gradients/norm_precursor"])
            for row in rows
            if row.get("gradients/norm_precursor")
        ]
        for rows in (
            rows_of(tmp_path / "sweep" / job / "metrics" / "metrics.csv") for job in "01234"
        )
    ]
    assert norms.pop(0) == []  # without a weight there is no gradient to measure
    # Far beyond its bound a clamp has no slope at all; the logarithm always has one.
    assert {norm for clamp in norms[:2] for norm in clamp} == {0.0}
    assert min(norm for logarithm in norms[2:] for norm in logarithm) > 0
    assert (tmp_path / "sweep" / "reenactment.png").is_file()


@pytest.mark.parametrize(
    ("overrides", "launcher", "sweeper"),
    [
        (["hydra/launcher=joblib"], "JoblibLauncher", "BasicSweeper"),
        (["hydra/launcher=slurm"], "SlurmLauncher", "BasicSweeper"),
        (["hydra/launcher=submitit_local"], "LocalLauncher", "BasicSweeper"),
        (["hydra/launcher=ray_local"], "RayLauncher", "BasicSweeper"),
        (["+experiment=search"], "BasicLauncher", "OptunaSweeper"),
        (["+experiment=clamp_vs_log"], "BasicLauncher", "BasicSweeper"),
    ],
)
def test_every_launcher_and_sweeper_composes(root, overrides, launcher, sweeper):
    with initialize_config_dir(str(root / "conf"), version_base="1.3"):
        config = compose("train", overrides=overrides, return_hydra_config=True).hydra
    assert config.launcher._target_.endswith(f".{launcher}")
    assert config.sweeper._target_.endswith(f".{sweeper}")


def test_jobs_on_slurm_are_warned_and_put_back_into_the_queue(root):
    with initialize_config_dir(str(root / "conf"), version_base="1.3"):
        overrides = ["hydra/launcher=slurm"]
        launcher = compose("train", overrides=overrides, return_hydra_config=True).hydra.launcher
    assert launcher.signal_delay_s > GRACE_S
    assert launcher.max_num_timeout > 0
    assert launcher.additional_parameters.requeue is True


def test_the_search_and_the_reenactment_say_what_they_vary(root):
    with initialize_config_dir(str(root / "conf"), version_base="1.3"):
        search, clamp = (
            compose("train", overrides=[f"+experiment={name}"], return_hydra_config=True).hydra
            for name in ("search", "clamp_vs_log")
        )
    assert search.sweeper.direction == "maximize"
    assert search.sweeper.sampler.seed == 0
    assert set(search.sweeper.params) == {"loss_scale", "penalty"}
    assert dict(clamp.sweeper.params) == {
        "seed": "0,1,2", "branch": ",".join(BRANCHES)
    }  # fmt: skip
