"""Parts that several commands share: progress bars, options, checks of paths."""

from collections.abc import Iterable
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

PlotOption = Annotated[Path | None, typer.Option(help="Picture: .png, .svg or .pdf.")]
SqrtIntensityOption = Annotated[
    list[str] | None,
    typer.Option(help="Name of a file, or pattern, that holds square roots of intensities."),
]

MaxQValueOption = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Largest q-value of the search results that count.")
]


class RateColumn(ProgressColumn):
    """Number of things done, and their rate.

    Tasks that measure their progress in other units hold the number in their field ``n_done``.
    """

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def render(self, task: Task) -> Text:
        """Write number and rate; nothing before the first."""
        n_done, seconds = task.fields.get("n_done", task.completed), task.elapsed or 0.0
        rate = f"{n_done / seconds:,.0f} {self.what}/s" if n_done and seconds > 0 else ""
        return Text(f"{n_done:,} {self.what}  {rate}" if n_done else "")


def progress_bar(what: str = "spectra") -> Progress:
    """Make a progress bar on standard error that counts spectra, or something else.

    It is shown on a terminal only: a file or a pipe would receive fragments of its last state.
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


def check_plot(path: Path | None, option: str = "--plot") -> None:
    """Refuse a picture whose suffix is not one of `PICTURES`, before anything is computed."""
    if path is not None and path.suffix not in PICTURES:
        raise InputError(f"{option} must end in one of {', '.join(PICTURES)}, got {path}")


def check_apart(read: Iterable[Path], written: Iterable[Path | None]) -> None:
    """Refuse an output that is also an input."""
    inputs = {path.resolve() for path in read}
    for path in written:
        if path is not None and path.resolve() in inputs:
            raise InputError(f"{path} is both read and written; choose another output")
