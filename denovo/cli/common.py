"""Progress bars of commands: on standard error, with a rate and an estimate."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from denovo.choices import PICTURES
from denovo.errors import InputError


class RateColumn(ProgressColumn):
    """How many things a second, counted in the field ``n_done`` of the task."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def render(self, task: Task) -> Text:
        """Write the rate; nothing while there is none."""
        n_done, seconds = task.fields.get("n_done", 0), task.elapsed or 0.0
        rate = f"{n_done / seconds:,.0f} {self.what}/s" if n_done and seconds > 0 else ""
        return Text(f"{n_done:,} {self.what}  {rate}" if n_done else "")


def progress_bar(what: str = "spectra") -> Progress:
    """Make a progress bar whose tasks count things in ``n_done`` beside their own progress.

    It shows on a terminal alone: a file or a pipe would be left with its last state in pieces.

    Parameters
    ----------
    what : str
        What is counted.
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        RateColumn(what),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_interactive,
    )


PlotOption = Annotated[Path | None, typer.Option(help="Picture: .png, .svg or .pdf.")]
SqrtIntensityOption = Annotated[
    list[str] | None,
    typer.Option(help="Name of a file, or pattern, that holds square roots of intensities."),
]


def check_plot(path: Path | None, option: str = "--plot") -> None:
    """Refuse a picture of an unknown kind, before anything is computed or printed.

    Parameters
    ----------
    path : Path or None
        What the option was; None if no picture is asked for.
    option : str
        What it is called.

    Raises
    ------
    InputError
        If it does not end in one of `PICTURES`.
    """
    if path is not None and path.suffix not in PICTURES:
        raise InputError(f"{option} must end in one of {', '.join(PICTURES)}, got {path}")
