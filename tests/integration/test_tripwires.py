"""The shipped tripwires and gradient shares: silent on healthy runs, loud on each failure."""

import pandas as pd
import pytest

from denovo.reports.runs.events import tripwires_of
from denovo.reports.runs.run import Run
from tests.integration.test_faults import sentence_of
from train import train


@pytest.mark.slow
def test_a_healthy_run_sets_nothing_off(composed, tmp_path):
    """Nor do a run with every loss term, and one that overfits on purpose: see test_training."""
    settings = ("model=transformer", "size.steps_per_stage=6", "logger=none")
    train(composed("+experiment=baseline", *settings))
    assert not (tmp_path / "tripwires.jsonl").exists()


@pytest.mark.slow
def test_the_clamp_of_the_story_is_found_by_the_shipped_wires(composed, tmp_path):
    settings = ("penalty=clamp", "model=transformer", "size.steps_per_stage=6")
    settings += ("trainer.val_check_interval=60",)
    train(composed(*settings, "callbacks.gradient_shares.every_n_steps=10"))
    run = Run.load(tmp_path)
    (found,) = [one for one in tripwires_of(run) if one.name == "dead_gradient"]
    assert found.step == 50  # its weight rises from 6 on, looked at from 10 to 50
    assert "precursor loss is exactly zero" in found.message
    assert "penalty=log" in found.message
    assert run.curve("tripwire/dead_gradient").to_dict() == {50: 1}
    # The gradient shares show the same, and nothing amiss with the other terms.
    assert set(run.curve("gradients/norm_precursor")) == {0}
    assert run.curve("gradients/norm_token").index.tolist() == [0, 7, 10, 20, 30, 40, 50]
    assert run.curve("gradients/share_token").min() > 0


def test_a_training_that_runs_away_ends_with_one_sentence(composed, capsys, tmp_path):
    message = sentence_of(capsys, composed("optimizer.lr=1e30", "trainer.gradient_clip_val=null"))
    assert "tripwire not_finite" in message
    assert "learning rate" in message
    logged = pd.read_csv(tmp_path / "metrics" / "metrics.csv")
    assert logged.filter(like="tripwire/not_finite").max().max() == 1


@pytest.mark.slow
def test_a_run_that_early_stopping_ends_in_stage_1_is_told_so(composed, tmp_path):
    stop = "_target_: lightning.pytorch.callbacks.EarlyStopping, mode: max, stopping_threshold: -1"
    early = f"+callbacks.early={{{stop}, monitor: val/peptide_recall}}"
    train(composed("model=transformer", early, "trainer.val_check_interval=2"))
    (found,) = tripwires_of(Run.load(tmp_path))
    assert (found.name, found.step) == ("idle_curriculum", 2)
    assert "ended after 2 steps, but stage 2 of the curriculum starts at step 3" in found.message
