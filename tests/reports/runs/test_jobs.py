"""Folders of runs and sweeps, whatever became of them."""

import pytest

from denovo.errors import InputError
from denovo.reports.runs.jobs import find_jobs
from tests.helpers.sweeps import write_job, write_sweep


def test_the_jobs_of_a_sweep_come_by_their_number_and_without_its_shared_start(tmp_path):
    for number in (10, 9, 0):
        write_job(tmp_path / str(number), {"train/loss": {0: 1.0}})
    write_job(tmp_path / "shared_start" / "seed=0", {"train/loss": {0: 1.0}})
    assert [job.name for job in find_jobs([tmp_path])] == ["0", "9", "10"]


@pytest.mark.parametrize(
    "names", [("a_2", "a_10"), ("lr=1,seed=2", "lr=1,seed=10", "lr=2,seed=1"), ("7", "12", "a_3")]
)
def test_the_folders_of_jobs_may_have_any_name(tmp_path, names):
    for name in reversed(names):
        write_job(tmp_path / name, {"train/loss": {0: 1.0}})
    write_job(tmp_path / "shared_start" / "seed=0", {"train/loss": {0: 1.0}})
    (tmp_path / "shared_start" / "config.yaml").write_text("seed: 0")
    (tmp_path / ".submitit").mkdir()
    assert [job.name for job in find_jobs([tmp_path])] == list(names)


@pytest.mark.parametrize("left", ["failure.txt", "config.yaml"])
def test_a_job_with_a_name_counts_whatever_it_left(tmp_path, left):
    (tmp_path / "a_0").mkdir()
    (tmp_path / "a_0" / left).write_text("out: of luck\n")
    (job,) = find_jobs([tmp_path])
    assert (job.name, job.run) == ("a_0", None)


def test_a_failed_job_tells_why_and_keeps_its_settings(tmp_path):
    write_job(tmp_path / "0", failure="loss_scale must be positive, got 0", loss_scale=0)
    write_job(tmp_path / "1", {"train/loss": {0: 1.0}})
    write_job(tmp_path / "2", {"train/loss": {0: 1.0}}, summary={"steps": 1})
    jobs = find_jobs([tmp_path])
    assert [job.state for job in jobs] == ["failed", "unfinished", "finished"]
    assert jobs[0].failure == "loss_scale must be positive, got 0"
    assert jobs[0].config["loss_scale"] == 0


def test_a_job_that_left_an_empty_folder_is_unfinished(tmp_path):
    (tmp_path / "0").mkdir()
    (job,) = find_jobs([tmp_path])
    assert job.state == "unfinished"
    assert job.run is None


@pytest.mark.parametrize("metrics", [None, {"train/loss": {0: 1.0}}])
def test_the_settings_that_hydra_keeps_in_a_run_are_no_job(tmp_path, metrics):
    run = write_job(tmp_path / "run", metrics, failure="" if metrics else "out of luck")
    (run / ".hydra").mkdir()
    (run / ".hydra" / "config.yaml").write_text("seed: 0\n")
    (job,) = find_jobs([run])
    assert job.path == run
    assert job.state == ("unfinished" if metrics else "failed")


def test_a_folder_without_metrics_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no metrics/metrics\.csv"):
        find_jobs([tmp_path])


def test_runs_and_sweeps_may_be_mixed(tmp_path):
    sweep = write_sweep(tmp_path / "sweep")
    run = write_job(tmp_path / "run", {"train/loss": {0: 1.0}})
    assert [job.name for job in find_jobs([run, sweep])] == ["run", "0", "1", "2", "3"]
