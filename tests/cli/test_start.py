"""What `denovo` does before a subcommand is called: little, and fast."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from denovo import __version__
from denovo.cli import SUBCOMMANDS, app, load_subcommand
from tests.helpers.fake_model import mgf_of

ALLOWED = {
    *("denovo", "typer", "click", "shellingham", "annotated_doc", "typing_extensions"),
    *("rich", "attr", "markdown_it", "mdurl", "pygments"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_inspection"),
}
"""Packages that may be imported before the options of a command have been read."""
ABSENT = {
    *("lightning", "hydra", "omegaconf", "wandb", "torchmetrics"),
    *("matplotlib", "sqlalchemy", "psims", "jinja2"),
    *("xgboost", "sklearn", "ms2pip"),  # the models of MS2PIP are read without it
}
"""Packages that sequencing must not import."""


SCRIPT = """
import json, sys
before = set(sys.modules)
from denovo.cli import app
found = []
for arguments in json.loads(sys.argv[1]):
    try:
        app(arguments)
    except SystemExit as end:
        found.append(end.code)
names = {name.split(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
print()
print(json.dumps([[name for name in names if name[0] != "_"], found]))
"""


def packages_of(*commands, folder):
    """Run commands in a new process; return the packages that they import, and each status."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(commands)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    packages, found = json.loads(done.stdout.splitlines()[-1])
    return set(packages), found


def test_help_version_and_errors_in_options_load_no_library(tmp_path):
    commands = [
        (["--help"], 0),
        (["--version"], 0),
        (["sequense"], 2),
        (["--bogus"], 2),
        *(([name, "--help"], 0) for name in SUBCOMMANDS),
        (["sequence", "a.mgf", "--bogus"], 2),
        (["sequence", "a.mgf", "--threads", "x"], 2),
        (["sequence", "a.mgf", "--charges", "x"], 1),
        (["evaluate", "a.mgf", "--simulated", "-1"], 1),
        (["plot", "a.mgf", "--spectrum", "0", "--output", "a.gif"], 1),
    ]
    packages, found = packages_of(*(arguments for arguments, _ in commands), folder=tmp_path)
    assert packages - ALLOWED == set()
    assert found == [status for _, status in commands]


@pytest.mark.parametrize("rescoring", ["none", "full"])
def test_sequencing_loads_nothing_of_training_and_no_large_library(rescoring, tmp_path):
    mgf_of(tmp_path / "one.mgf", 1)
    command = "sequence", "one.mgf", "--output", "one.csv", "--rescoring", rescoring
    packages, found = packages_of(command, folder=tmp_path)
    assert found == [0]
    assert packages & ABSENT == set()
    assert ",ok," in (tmp_path / "one.csv").read_text()


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_the_summary_of_a_subcommand_is_the_first_line_of_its_help(name):
    command = load_subcommand(name)
    assert command.help.splitlines()[0] == SUBCOMMANDS[name].summary


def test_every_subcommand_is_listed_and_a_typo_is_answered_with_the_nearest():
    listed = CliRunner().invoke(app, ["--help"])
    assert all(name in listed.output for name in SUBCOMMANDS)
    typo = CliRunner().invoke(app, ["sequense"])
    assert typo.exit_code == 2
    assert "sequence" in typo.output


def test_the_version_is_that_of_the_package():
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"denovo {__version__}\n")
