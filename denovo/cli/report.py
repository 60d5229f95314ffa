"""`denovo report`: a run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from denovo.errors import exit_with_message


def report_command(
    run_dir: Annotated[Path, typer.Argument(help="Folder of a run, finished or not.")],
    output: Annotated[
        Path | None, typer.Option(help="HTML file; report.html in the folder by default.")
    ] = None,
) -> None:
    """Write a run as one HTML file with all its tables and pictures."""
    with exit_with_message():
        from denovo.io import together
        from denovo.reports.html import REPORT, write_report
        from denovo.reports.runs import Run

        run = Run.load(run_dir)
        with together(output or run_dir / REPORT):
            path = write_report(run, output)
        Console().print(f"report  {path}", soft_wrap=True, highlight=False, markup=False)
