"""`denovo train` is `train.py`, in any folder, with configuration files of one's own."""

import html
import os
import re
import shlex
import subprocess
import sys

import pytest
import yaml
from typer.testing import CliRunner

from denovo.cli import app
from denovo.training.program_files import choices_by_group, training_program
from tests.helpers.documented_files import SMALL


def denovo(root, folder, *arguments, **environment):
    """Run ``python -m denovo`` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "denovo", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_folder_of_ones_own_adds_choices_to_those_of_the_package(root, tmp_path):
    mine = tmp_path / "conf" / "experiment" / "mine.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("# @package _global_\nname: mine\nloss_scale: 7.0\n")
    arguments = "--config-dir", "conf", "--cfg", "job", "+experiment=mine", "model=transformer"
    composed = denovo(root, tmp_path, "train", *arguments)
    assert composed.returncode == 0, composed.stderr
    settings = yaml.safe_load(composed.stdout)
    assert (settings["name"], settings["loss_scale"]) == ("mine", 7.0)
    assert settings["model"]["_target_"].endswith("TransformerSequencer")
    assert [path.name for path in tmp_path.iterdir()] == ["conf"]


@pytest.mark.slow
def test_the_command_in_the_report_repeats_a_training_with_files_of_ones_own(root, tmp_path):
    mine = tmp_path / "mine" / "experiment" / "mine.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("# @package _global_\nname: mine\nloss_scale: 7.0\n")
    arguments = "--config-dir", "mine", "+experiment=mine", "name=two words", *shlex.split(SMALL)
    trained = denovo(root, tmp_path, "train", *arguments, "run_dir=run")
    assert trained.returncode == 0, trained.stderr
    page = html.unescape((tmp_path / "run" / "report.html").read_text())
    command = re.search(r"^<pre>(denovo train .*)</pre>$", page, re.M)[1]
    assert "--config-dir=mine +experiment=mine 'name=two words'" in command
    again = denovo(root, tmp_path, *shlex.split(command)[1:], "--cfg", "job")
    assert again.returncode == 0, again.stderr
    settings = yaml.safe_load(again.stdout)
    assert (settings["name"], settings["loss_scale"]) == ("two words", 7.0)


@pytest.mark.slow
def test_options_and_overrides_reach_train_py_as_they_are_typed(root, tmp_path):
    typed = denovo(root, tmp_path, "train", "-m", "~callbacks.progress", "sizze=laptop")
    assert typed.returncode == 1
    assert typed.stderr == "error: train.py: unknown setting 'sizze'; did you mean size?\n"


def test_the_help_lists_every_choice_of_every_group():
    shown = CliRunner().invoke(app, ["train", "--help"], env={"COLUMNS": "120"}).output
    for group, names in choices_by_group().items():
        assert all(name in shown for name in (group, *names))
    assert "hydra" not in choices_by_group()
    assert training_program().name == "train.py"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["train", "model="], ["model=evidence", "model=recursive", "model=transformer"]),
        (["train", "-m", "+experiment=sm"], ["+experiment=smoke"]),
        (["train", "size", "=", "w"], ["workstation"]),  # as bash splits words
        (["train", "unknown", "=", ""], []),
    ],
)
def test_a_shell_completes_groups_and_their_choices(words, expected, root, tmp_path):
    typed = {"COMP_WORDS": " ".join(["denovo", *words]), "COMP_CWORD": str(len(words))}
    shown = denovo(root, tmp_path, _DENOVO_COMPLETE="complete_bash", **typed)
    assert shown.stdout.split() == expected
