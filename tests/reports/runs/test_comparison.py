"""Several jobs in one table."""

import pytest

from denovo.reports.runs.jobs import find_jobs
from denovo.reports.runs.sweep_table import average_over_seeds, compare, job_names, labels_of
from tests.helpers.sweeps import write_job, write_sweep


@pytest.fixture
def jobs(tmp_path):
    return find_jobs([write_sweep(tmp_path)])


def test_a_row_holds_settings_last_figures_and_costs(jobs):
    table = compare(jobs)
    assert table.attrs["settings"] == ["penalty", "seed"]
    assert list(table["penalty"]) == ["clamp", "clamp", "log", "log"]
    assert list(table["val/peptide_recall"]) == pytest.approx([0.5, 0.7, 0.5, 0.7])
    assert list(table["steps"]) == [100] * 4
    assert table["train/ppm_error_median"].iloc[0] == 40_000
    assert table["val/aa_recall"].isna().all()


def test_a_failed_job_has_a_row_with_its_reason(tmp_path):
    write_job(tmp_path / "0", {"val/peptide_recall": {9: 0.5}}, loss_scale=10)
    write_job(tmp_path / "1", failure="too little", loss_scale=0)
    table = compare(find_jobs([tmp_path]))
    assert list(table["state"]) == ["unfinished", "failed"]
    assert list(table["failure"]) == ["", "too little"]
    assert table["steps"].iloc[0] == 10


def test_seeds_are_averaged_with_their_extremes(jobs):
    means = average_over_seeds(compare(jobs))
    assert list(means["penalty"]) == ["clamp", "log"]
    assert list(means["jobs"]) == [2, 2]
    row = means.iloc[0]
    assert row["test/peptide_recall"] == pytest.approx(0.6)
    assert (row["test/peptide_recall_min"], row["test/peptide_recall_max"]) == (0.5, 0.7)


def test_unfinished_jobs_enter_no_mean(tmp_path):
    sweep = write_sweep(tmp_path)
    (sweep / "0" / "summary.json").unlink()
    assert list(average_over_seeds(compare(find_jobs([sweep])))["jobs"]) == [1, 2]


def test_without_two_seeds_there_is_nothing_to_average(jobs):
    assert average_over_seeds(compare(jobs[::2])).empty


def test_seeds_alone_are_averaged_too(jobs):
    means = average_over_seeds(compare(jobs[:2]))
    assert list(means["jobs"]) == [2]


def test_jobs_of_different_sweeps_with_the_same_number_keep_apart(tmp_path):
    folders = [write_job(tmp_path / sweep / "0", {"train/loss": {0: 1.0}}) for sweep in "ab"]
    assert job_names(find_jobs(folders)) == ["a/0", "b/0"]


def test_labels_are_shared_by_seeds(jobs):
    assert labels_of(jobs) == ["penalty=clamp"] * 2 + ["penalty=log"] * 2
    assert labels_of(jobs[:2]) == ["all", "all"]
