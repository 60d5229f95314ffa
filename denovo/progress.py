"""Progress bars on a terminal."""

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
