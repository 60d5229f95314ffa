"""Every command in the code blocks of the documents is one that the programs accept."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from denovo.cli import SUBCOMMANDS, app, load_subcommand
from tests.helpers.documented_commands import PAGES, ROOT, commands_of, statements_of
from tests.run_documented_commands import PAGES as RUN_PAGES
from tests.run_documented_commands import reason_of

STARTERS = {"srun", "torchrun", "OMP_NUM_THREADS=1"}
"""Words before the command proper."""
PLACEHOLDERS = {"[OPTIONS]", "OVERRIDES", "..."}
OWN_CONFIGURATION = {"--config-dir", "-cd", "-cn"}
"""Options of Hydra after which settings are those of a reader's own files."""


def expanded(page: Path) -> list[list[str]]:
    """Return the words of each command, with the variables that the page sets filled in."""
    variables: dict[str, str] = {}
    found = []
    for line in commands_of(page.read_text("utf-8")):
        if match := re.fullmatch(r'(\w+)="(.*)"', line):
            variables[match[1]] = match[2]
            continue
        for name, value in variables.items():
            line = line.replace(f"${name}", value)
        try:
            words = shlex.split(line)
        except ValueError:
            continue  # a line of output, with a quotation mark
        while words and words[0] in STARTERS:
            words = words[1:]
        if "train.py" in words:
            words = ["python", *words[words.index("train.py") :]]
        found.append(words)
    return found


def settings_of(words: list[str]) -> tuple[str, ...] | None:
    """Return the settings of a training command; None where they are of another configuration."""
    if OWN_CONFIGURATION & set(words):
        return None
    options = [word for word in words if word.startswith("-")]
    assert set(options) <= {"-m", "--help", "--cfg", "-sc"}, options
    settings = (word for word in words if "=" in word or word.startswith(("~", "+")))
    is_sweep = "-m" in words
    return tuple(_first(word) if is_sweep else word for word in settings)


def _first(setting: str) -> str:
    """Choose one value of a sweep: ``a=1,2`` becomes ``a=1``."""
    name, _, values = setting.partition("=")
    if not values or values.startswith(("[", "{", "'", '"')):
        return setting
    if found := re.match(r"(?:range|interval|choice)\(([^,)]+)", values):
        return f"{name}={found[1]}"
    return f"{name}={values.split(',')[0]}"


@cache
def composes(settings: tuple[str, ...]) -> None:
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        OmegaConf.to_container(compose("train", overrides=[*settings]), resolve=False)


def parse(words: list[str]) -> None:
    """Parse a command of `denovo` as far as its options; run nothing."""
    name, command = "denovo", get_command(app)
    if words and not words[0].startswith("-"):
        assert words[0] in SUBCOMMANDS, f"denovo has no subcommand {words[0]}"
        name, *words = words
        command = load_subcommand(name)
    if isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    context = Context(command, info_name=name)
    options = ((*each.opts, *each.secondary_opts) for each in command.get_params(context))
    known = {option for each in options for option in each}
    for word in words:
        option = word.partition("=")[0]
        assert not option.startswith("-") or option in known, f"denovo {name} has no {option}"


def check(words: list[str]) -> bool:
    """Check a command; False if it is of another program."""
    match words:
        case (
            ["denovo", "train", *rest]
            | ["python", "-m", "denovo", "train", *rest]
            | ["python", "train.py", *rest]
        ):
            settings = settings_of([word for word in rest if word not in PLACEHOLDERS])
            if settings is not None:
                composes(settings)
        case ["denovo", *rest] | ["python", "-m", "denovo", *rest]:
            parse([word for word in rest if word not in PLACEHOLDERS])
        case ["make", *rest]:
            targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
            assert {word for word in rest if "=" not in word} <= set(targets), rest
        case ["python", script, *_] if script.startswith(("benchmarks/", "docs/", "packaging/")):
            assert (ROOT / script).is_file(), script
        case _:
            return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_are_accepted(page):
    for words in expanded(page):
        try:
            check(words)
        except Exception as fault:
            pytest.fail(f"{' '.join(words)}: {fault}")


def test_most_commands_are_checked():
    assert sum(words[:1] in (["denovo"], ["make"]) for p in PAGES for words in expanded(p)) > 100


def test_contributing_states_how_many_commands_of_the_documents_are_run():
    reasons = [reason_of(s) for path in RUN_PAGES for s in statements_of(path.read_text("utf-8"))]
    assert f"{reasons.count('')} of {len(reasons)}" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_blocks_of_other_languages_hide_no_command():
    text = "```python\nx = 1\n```\nText; more\n```\ndenovo a  # why\nmake b && denovo c\n```\n"
    assert commands_of(text) == ["denovo a", "make b", "denovo c"]


def test_loops_are_statements_of_their_own_and_output_is_none():
    loop = "for n in 1 2; do\ndenovo a\ndone; wait"
    text = f"```\n{loop}\nwritten  a.csv\ndenovo \\\n  c\n```\n"
    assert statements_of(text) == [loop, "denovo    c"]


@pytest.mark.parametrize(
    "line",
    [
        "denovo sequence a.mgf --no-such-option",
        "denovo no-such-command",
        "denovo train +experiment=curriculum size.no_such=1",
        "denovo train -m noise=no_such,basic",
        "make no-such-target",
        "python benchmarks/no_such.py",
    ],
)
def test_a_command_that_no_program_accepts_is_found(line):
    with pytest.raises(Exception, match="no"):
        check(shlex.split(line))
