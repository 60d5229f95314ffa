"""Which run in a folder is gone on with, and which is refused."""

import json
import os
from pathlib import Path

import pytest
import torch
import yaml

from denovo.errors import InputError
from denovo.training.resuming import claimed, clear, find_earlier, remove_failed_start


def config(run_dir, **changes):
    """Make settings of two stages of ten steps."""
    stages = [{"name": "tokens", "start": 0, "end": 2}]
    settings = {
        "run_dir": str(run_dir),
        "store_dir": "stores",
        "group": "at noon",
        "ckpt_path": None,
        "resume": "auto",
        "seed": 0,
        "data": {"n_workers": 0},
        "size": {"steps_per_stage": 10, "batch_size": 8},
        "curriculum": {"steps_per_unit": 10, "stages": stages},
        "trainer": {"val_check_interval": 10},
        "callbacks": {"last": {"dirpath": f"{run_dir}/checkpoints"}},
    }
    return settings | changes


def write_run(run_dir, step=20, name="last.ckpt", **changes):
    (run_dir / "checkpoints").mkdir(parents=True, exist_ok=True)
    ours = {"config": config(run_dir, **changes), "vocabulary": {}}
    path = run_dir / "checkpoints" / name
    torch.save({"state_dict": {}, "denovo": ours, "global_step": step}, path)
    (run_dir / "config.yaml").write_text(yaml.safe_dump(ours["config"]))
    return str(path)


def test_an_empty_folder_holds_nothing_to_go_on_with(tmp_path):
    assert find_earlier(config(tmp_path), f"{tmp_path}/checkpoints/last.ckpt", 20) is None


def test_a_run_of_the_same_settings_is_gone_on_with(tmp_path):
    last = write_run(tmp_path, step=7)
    again = config(tmp_path, group="at night", logger={"csv": {}}, data={"n_workers": 3})
    earlier = find_earlier(again | {"store_dir": "elsewhere"}, last, 20)
    assert earlier is not None
    assert (earlier.checkpoint, earlier.step, earlier.config["group"]) == (last, 7, "at noon")
    assert not earlier.is_complete(20)


def test_a_run_whose_folder_was_moved_is_gone_on_with(tmp_path):
    write_run(tmp_path / "here", step=7)
    moved = (tmp_path / "here").rename(tmp_path / "there")
    assert find_earlier(config(moved), f"{moved}/checkpoints/last.ckpt", 20) is not None


def test_a_longer_training_is_gone_on_with_and_a_shorter_one_refused(tmp_path):
    last = write_run(tmp_path)
    stages = [{"name": "tokens", "start": 0, "end": 4}]
    longer = config(
        tmp_path,
        size={"steps_per_stage": 20, "batch_size": 8},
        curriculum={"steps_per_unit": 20, "stages": stages},
        trainer={"val_check_interval": 20},
    )
    assert find_earlier(longer, last, 80) is not None
    with pytest.raises(InputError, match=r"has taken 20 steps, more than the 10"):
        find_earlier(config(tmp_path), last, 10)


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_a_run_of_other_settings_is_refused_by_their_names(tmp_path, has_checkpoint):
    last = write_run(tmp_path)
    if not has_checkpoint:
        (tmp_path / "checkpoints" / "last.ckpt").unlink()
    changed = config(tmp_path, seed=1, size={"steps_per_stage": 10, "batch_size": 16})
    with pytest.raises(InputError) as refused:
        find_earlier(changed, last, 20)
    message = str(refused.value)
    assert "seed: 0 and 1;" in message
    assert "size.batch_size: 8 and 16;" in message
    assert "resume=never" in message


def test_the_number_of_ranks_may_change_with_the_same_spectra_per_step(tmp_path):
    two = {"val_check_interval": 10, "devices": 2, "strategy": "ddp"}
    four = {"val_check_interval": 10, "devices": 1, "num_nodes": 4, "strategy": "ddp"}
    last = write_run(tmp_path, step=7, trainer=two)
    size = {"steps_per_stage": 10, "batch_size": 4}
    assert find_earlier(config(tmp_path, trainer=four, size=size), last, 20) is not None
    with pytest.raises(InputError, match=r"size\.batch_size \* ranks: 16 and 32; choose"):
        find_earlier(config(tmp_path, trainer=four), last, 20)
    with pytest.raises(InputError, match=r"trainer\.devices: 2 and auto; choose"):
        find_earlier(config(tmp_path, trainer=two | {"devices": "auto"}), last, 20)


@pytest.mark.parametrize("never", ["never", None])
def test_a_run_may_be_replaced(tmp_path, never):
    last = write_run(tmp_path)
    (tmp_path / "summary.json").write_text("{}")
    (tmp_path / "mine.txt").write_text("not a file of a run")
    assert find_earlier(config(tmp_path, seed=1, resume=never), last, 20) is None
    clear(tmp_path, last)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"mine.txt"}


def test_an_unknown_way_to_resume_is_refused(tmp_path):
    with pytest.raises(InputError, match="resume must be auto or never, got 'yes'"):
        find_earlier(config(tmp_path, resume="yes"), "last.ckpt", 20)


def test_a_run_is_complete_with_its_summary(tmp_path):
    last = write_run(tmp_path)
    (tmp_path / "summary.json").write_text(json.dumps({"steps": 20}))
    earlier = find_earlier(config(tmp_path), last, 20)
    assert earlier is not None
    assert earlier.is_complete(20)
    longer = find_earlier(config(tmp_path), last, 30)
    assert longer is not None
    assert not longer.is_complete(30)


def test_a_checkpoint_in_the_folder_may_be_named(tmp_path):
    write_run(tmp_path)
    best = write_run(tmp_path, step=10, name="best.ckpt")
    earlier = find_earlier(
        config(tmp_path, ckpt_path=best), f"{tmp_path}/checkpoints/last.ckpt", 20
    )
    assert earlier is not None
    assert (earlier.checkpoint, earlier.step) == (best, 10)


def test_a_run_that_began_from_another_checkpoint_is_refused(tmp_path):
    last = write_run(tmp_path / "run", ckpt_path="one.ckpt")
    assert find_earlier(config(tmp_path / "run", ckpt_path="one.ckpt"), last, 20) is not None
    with pytest.raises(InputError, match=r"ckpt_path: one\.ckpt and two\.ckpt"):
        find_earlier(config(tmp_path / "run", ckpt_path="two.ckpt"), last, 20)


def test_two_trainings_in_one_folder_are_refused(tmp_path):
    with claimed(tmp_path, is_first=True):
        with (
            pytest.raises(InputError, match="another process trains in"),
            claimed(tmp_path, is_first=True),
        ):
            pass
        with claimed(tmp_path, is_first=False):
            pass  # another rank of the same training


def test_half_written_files_of_a_killed_run_are_cleared_away(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    part = tmp_path / "checkpoints" / ".last.ckpt.4711.part"
    part.write_bytes(b"half")
    with claimed(tmp_path, is_first=True):
        assert not part.exists()


@pytest.mark.parametrize(
    ("file", "age", "stays"),
    [
        (".hydra/config.yaml", 0, False),
        ("wandb/offline-run-1/run.wandb", 0, False),
        ("wandb/offline-run-1/run.wandb", 60, True),
        ("metrics/metrics.csv", 0, True),
        ("checkpoints/last.ckpt", 0, True),
        ("notes.txt", 0, True),
    ],
)
def test_a_failed_start_is_removed_and_nothing_else_is(tmp_path, file, age, stays):
    path = tmp_path / "train" / "now" / file
    path.parent.mkdir(parents=True)
    path.write_text("")
    since = path.stat().st_mtime
    os.utime(path, (since - age, since - age))
    (tmp_path / "train" / "now" / "checkpoints").mkdir(exist_ok=True)
    remove_failed_start([tmp_path / "train" / "now", tmp_path / "nowhere"], since)
    assert path.exists() == stays
    assert (tmp_path / "train").exists() == stays


def test_a_failed_start_leaves_no_empty_folders_and_the_one_it_was_begun_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("runs/finetune/now", "now"):
        (tmp_path / folder).mkdir(parents=True)
        remove_failed_start([folder], 0.0)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["report.html", "model.safetensors", "metrics/metrics.csv"])
def test_files_of_somebody_else_are_not_taken_for_those_of_a_run(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("precious")
    with pytest.raises(InputError, match=f"holds {name}, which is of another run"):
        find_earlier(config(tmp_path), f"{tmp_path}/checkpoints/last.ckpt", 20)
    assert path.read_text() == "precious"


def test_a_network_whose_checkpoint_is_gone_is_not_trained_anew(tmp_path):
    last = Path(write_run(tmp_path))
    (tmp_path / "config.yaml").write_text(json.dumps(config(tmp_path)))
    (tmp_path / "model.safetensors").write_text("")
    last.unlink()
    with pytest.raises(InputError, match="but not the last checkpoint of its run"):
        find_earlier(config(tmp_path), str(last), 20)


@pytest.mark.parametrize("name", ["model.safetensors", "checkpoints/best.ckpt", "last.ckpt"])
def test_the_start_of_a_training_is_not_removed(tmp_path, name):
    last = write_run(tmp_path)
    start = Path(last) if name == "last.ckpt" else tmp_path / name
    start.parent.mkdir(exist_ok=True)
    if not start.exists():
        start.write_text("")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="which lies in the run_dir that it replaces"):
        clear(tmp_path, last, starts=(None, "hcd", str(start)))
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_failed_start_does_not_remove_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    remove_failed_start(["."], 0.0)
    assert tmp_path.is_dir()
