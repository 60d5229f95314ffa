"""`denovo report`: a run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

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
        from denovo.reports.table import print_text

        run = Run.load(run_dir)
        with together(output or run_dir / REPORT):
            path = write_report(run, output)
        print_text(f"report  {path}")
