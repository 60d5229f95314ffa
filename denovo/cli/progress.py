"""Progress bars of commands: on standard error, with a rate and an estimate."""

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

    Parameters
    ----------
    what : str
        What is counted.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        RateColumn(what),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
