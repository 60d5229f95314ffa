"""How long an error takes to fall after a loss was switched on."""

import pandas as pd
import pytest

from denovo.errors import InputError
from denovo.reports.runs.jobs import find_jobs
from denovo.reports.runs.reenactment import (
    average_over_seeds,
    reenact,
    steps_until,
    switch_step,
    switch_steps,
)
from denovo.reports.runs.run import Run, curve_with_shared_start
from tests.helpers.sweeps import STAGES, write_job, write_sweep


@pytest.fixture
def jobs(tmp_path):
    return find_jobs([write_sweep(tmp_path)])


def test_steps_are_counted_from_the_switch_and_a_clamp_never_arrives(jobs):
    table = reenact(jobs, smoothing=1)
    assert list(table["switch"]) == [20] * 4
    clamp, log = table.iloc[0], table.iloc[2]
    assert [clamp[f"under_{b}"] for b in (10_000, 1_000, 100)] == ["never"] * 3
    # 40,000 ppm, and a tenth of it every 20 steps: 20 log10(4) = 12.04 steps to 10,000.
    assert [log[f"under_{b}"] for b in (10_000, 1_000, 100)] == [13, 33, 53]
    assert log["ppm_at_switch"] == clamp["ppm_at_switch"] == 40_000


def test_a_running_median_arrives_later(jobs):
    assert reenact(jobs, smoothing=9)["under_10000"].iloc[2] == 13 + 4


def test_the_first_step_under_the_bound_counts():
    error = pd.Series({20: 5.0, 25: 0.9, 30: 2.0, 35: 0.5})
    assert steps_until(error, 20, 1.0) == 5
    assert steps_until(error, 20, 0.1) is None


def test_the_shared_start_is_found_beside_a_sweep_that_was_moved(jobs):
    curve = curve_with_shared_start(jobs[0].run, "train/ppm_error_median")
    assert list(curve.index) == list(range(100))


def test_a_run_without_shared_start_is_taken_as_it_is(tmp_path):
    write_job(tmp_path / "a", {"train/ppm_error_median": {0: 9.0, 30: 8.0}})
    (job,) = find_jobs([tmp_path / "a"])
    assert list(curve_with_shared_start(job.run, "train/ppm_error_median").index) == [0, 30]
    assert switch_step(job.run) == 20


def test_a_run_that_switches_nothing_on_is_named(tmp_path):
    curriculum = {"steps_per_unit": 10, "stages": STAGES[:1]}
    write_job(tmp_path / "a", {"train/ppm_error_median": {0: 9.0}}, curriculum=curriculum)
    with pytest.raises(InputError, match="no stage that switches"):
        reenact(find_jobs([tmp_path / "a"]))


def first_step_with_a_mass(folder, stages, **curriculum):
    planned = {"_target_": "denovo.curriculum.Curriculum", "steps_per_unit": 10, "stages": stages}
    job = write_job(folder, {"train/loss": {0: 9.0}}, curriculum=planned | curriculum)
    return switch_step(Run.load(job))


def test_weights_that_a_stage_leaves_out_are_those_of_the_stage_before(tmp_path):
    tokens = {"name": "tokens", "start": 0, "end": 2, "weights": {"token": 1, "precursor": 0}}
    longer = {"name": "longer", "start": 2, "end": 3, "max_length": 20}
    masses = {"name": "masses", "start": 3, "weights": {"token": 1, "precursor": 1}}
    assert first_step_with_a_mass(tmp_path / "a", [tokens, longer, masses]) == 30
    noisy = [masses | {"start": 0, "end": 2}, longer, tokens | {"start": 3, "end": 4}]
    again = [*noisy, masses | {"name": "again", "start": 4}]
    assert first_step_with_a_mass(tmp_path / "b", again) == 40


def test_weights_that_the_first_stage_leaves_out_are_those_of_the_base(tmp_path):
    stages = [{"name": "tokens", "start": 0, "end": 2}, STAGES[1]]
    base = {"weights": {"token": 1.0, "precursor": 0.0}}
    assert first_step_with_a_mass(tmp_path / "a", stages, base=base) == 20
    base = {"weights": {"token": 1.0, "precursor": 0.1}}
    assert first_step_with_a_mass(tmp_path / "b", stages, base=base) is None


def test_a_weight_that_is_ramped_up_begins_a_step_into_its_stage(tmp_path):
    stages = [STAGES[0], STAGES[1] | {"ramp": "linear"}]
    assert first_step_with_a_mass(tmp_path / "a", stages) == 21


def test_a_job_without_the_loss_is_compared_from_the_switch_of_the_others(tmp_path, jobs):
    none = write_job(tmp_path / "none", {"train/loss": {0: 9.0}}, curriculum={"stages": STAGES[:1]})
    runs = [jobs[0].run, Run.load(none)]
    assert switch_steps(runs) == {jobs[0].run.path: 20, none: 20}


def test_gradient_and_recall_stand_beside_the_errors(jobs):
    clamp, _, log, _ = reenact(jobs).to_dict("records")
    assert (clamp["gradient_norm"], log["gradient_norm"]) == (0.0, 0.5)
    assert (clamp["peptide_recall"], log["peptide_recall"]) == (0.5, 0.5)


def test_seeds_are_averaged_with_their_standard_error(jobs):
    means = average_over_seeds(reenact(jobs))
    assert list(means["penalty"]) == ["clamp", "log"]
    # 0.5 and 0.7 have the standard deviation 0.1 sqrt(2), of the mean 0.1.
    assert list(means["peptide_recall"]) == pytest.approx([0.6, 0.6])
    assert list(means["peptide_recall_error"]) == pytest.approx([0.1, 0.1])


def test_without_a_second_seed_nothing_is_averaged(jobs):
    assert average_over_seeds(reenact([jobs[0], jobs[2]])).empty


def test_failed_jobs_are_left_out_unless_all_failed(tmp_path):
    sweep = write_sweep(tmp_path)
    write_job(sweep / "4", failure="out of luck", seed=2)
    assert len(reenact(find_jobs([sweep]))) == 4
    with pytest.raises(InputError, match="no job has metrics"):
        reenact(find_jobs([sweep / "4"]))
