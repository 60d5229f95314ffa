"""`denovo train`: run `train.py`."""

import os
import sys
from textwrap import fill
from typing import Annotated

import typer

from denovo.training.program_files import choices_by_group, training_program

train = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False, add_completion=False)

_HELP = """Train a network on spectra that MS2PIP predicts, or on your own (train.py).

Settings are written NAME=VALUE; docs/reference/configuration.md explains them. Examples:

\b
  denovo train +experiment=smoke           all steps in a minute
  denovo train +experiment=curriculum      ten minutes on two cores
  denovo train +experiment=measured proteins=fasta proteins.path=human.fasta
  denovo train data=annotated data.train=a.mgf data.val=b.mgf

Options are those of Hydra:

\b
  -m loss_scale=10,100                     a sweep over values
  --config-dir FOLDER +experiment=mine     reads FOLDER/experiment/mine.yaml
  --cfg job                                print all settings, train nothing
  --hydra-help                             list the other options

Groups, chosen by GROUP=CHOICE, and experiments, by +experiment=CHOICE:

\b
"""


def _help() -> str:
    lines = (
        fill(f"{group:11} {', '.join(names)}", 76, initial_indent="  ", subsequent_indent=" " * 14)
        for group, names in choices_by_group().items()
    )
    return _HELP + "\n".join(lines)


def _complete(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete a group or its choice; bash takes ``=`` for a word of its own."""
    groups = {
        "+experiment" if group == "experiment" else group: names
        for group, names in choices_by_group().items()
    }
    before = ctx.params.get("overrides") or []
    if before[-1:] == ["="]:
        offered = groups.get(before[-2], []) if len(before) > 1 else []
    else:
        offered = [f"{group}={name}" for group, names in groups.items() for name in names]
    return [each for each in offered if each.startswith(incomplete)]


@train.command(context_settings={"ignore_unknown_options": True}, help=_help())
def train_command(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Settings, and options of Hydra.", autocompletion=_complete),
    ] = None,
) -> None:
    """Replace this process by one that runs `train.py`."""
    # Not a call: a training has its own signal handlers, and starts its ranks by its own file.
    os.execv(sys.executable, [sys.executable, str(training_program()), *(overrides or [])])
