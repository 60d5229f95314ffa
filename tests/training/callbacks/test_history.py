"""What is remembered of each stage, and kept across a resume."""

import pytest

from denovo.training.callbacks import CurriculumCallback, StageHistory
from tests.helpers.tiny_training import CutAt, Witness, train_small, two_stages


def trained(vocabulary, *others, every_n_steps=1, **options):
    curriculum = two_stages(4)
    history, witness = StageHistory(curriculum, every_n_steps), Witness()
    callbacks = [CurriculumCallback(curriculum), history, witness, *others]
    train_small(vocabulary, curriculum, callbacks, val_check_interval=4, **options)
    return history, witness


@pytest.fixture(scope="module")
def run(canonical):
    return trained(canonical)


def test_there_is_one_row_for_each_stage(run):
    rows = run[0].rows()
    assert [(row["stage"], row["name"], row["end_step"]) for row in rows] == [
        (1, "tokens", 4),
        (2, "masses", 8),
    ]


def test_training_figures_are_those_of_the_first_and_last_tenth_of_the_stage(run):
    history, witness = run
    losses = [logged["train/precursor_loss"] for logged in witness.logged]
    for row, first, last in zip(history.rows(), (0, 4), (3, 7), strict=True):
        assert row["precursor_loss_first"] == losses[first]
        assert row["train/precursor_loss"] == losses[last]
        assert row["train/loss_token"] == witness.logged[last]["train/loss_token"]


def test_a_tenth_of_a_long_stage_is_averaged(canonical):
    curriculum = two_stages(20)
    history, witness = StageHistory(curriculum, every_n_steps=1), Witness()
    train_small(canonical, curriculum, [CurriculumCallback(curriculum), history, witness])
    losses = [logged["train/loss_token"] for logged in witness.logged]
    for row, last_two in zip(history.rows(), (losses[18:20], losses[38:40]), strict=True):
        assert row["train/loss_token"] == pytest.approx(sum(last_two) / 2)


def test_the_validation_at_a_boundary_belongs_to_the_stage_before_it(run):
    history, witness = run
    assert len(witness.validations) == 2
    for row, figures in zip(history.rows(), witness.validations, strict=True):
        assert row["val/soft_ppm_error_abs_median"] == figures["val/soft_ppm_error_abs_median"]
    first, second = (row["val/soft_ppm_error_abs_median"] for row in history.rows())
    assert first != second


def test_a_sanity_check_is_no_validation_of_a_stage(canonical):
    history, _ = trained(canonical, max_steps=2, num_sanity_val_steps=1)
    assert [row for row in history.rows() if "val/peptide_recall" in row] == []


def test_figures_are_read_at_every_nth_step_only(canonical):
    history, witness = trained(canonical, every_n_steps=3)
    first, second = history.rows()
    losses = [logged["train/precursor_loss"] for logged in witness.logged]
    assert first["train/precursor_loss"] == first["precursor_loss_first"] == losses[2]
    assert second["train/precursor_loss"] == second["precursor_loss_first"] == losses[5]


def test_a_resumed_run_remembers_the_stages_before(canonical, run, tmp_path):
    trained(canonical, CutAt(6, tmp_path))
    resumed, witness = trained(canonical, ckpt_path=tmp_path / "cut.ckpt")
    assert witness.steps == [6, 7]
    assert resumed.rows() == run[0].rows()


def test_batches_of_the_next_step_are_not_of_the_stage_before(canonical):
    history, witness = trained(canonical, accumulate_grad_batches=2)
    losses = [logged["train/precursor_loss"] for logged in witness.logged]
    for row, last in zip(history.rows(), (7, 15), strict=True):
        assert row["train/precursor_loss"] == losses[last]
