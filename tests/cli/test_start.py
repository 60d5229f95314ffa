"""What `denovo` does before a subcommand is called: little, and fast."""

import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from denovo.cli import SUBCOMMANDS, app, load_subcommand

HEAVY = {"torch", "lightning", "hydra", "wandb", "matplotlib", "pandas", "sklearn"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["sequense"], ["--bogus"]])
def test_help_version_and_errors_in_options_load_no_framework(arguments):
    script = (
        "import sys\nfrom denovo.cli import app\n"
        f"try:\n    app({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print(sorted({HEAVY!r} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


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
    assert (result.exit_code, result.output) == (0, f"denovo {version('denovo')}\n")
