"""`denovo compare`: runs and sweeps in one table and one picture."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.cli.common import PlotOption, check_plot
from denovo.errors import exit_with_message


def compare(
    folders: Annotated[list[Path], typer.Argument(help="Folders of runs, or of sweeps.")],
    output: Annotated[Path | None, typer.Option(help="CSV file for the table.")] = None,
    plot: PlotOption = None,
    reenactment: Annotated[
        bool, typer.Option(help="What happened after the precursor loss was switched on.")
    ] = False,
) -> None:
    """Compare runs: settings that differ, figures that no loss weight enters, costs."""
    with exit_with_message():
        check_plot(plot)
        from denovo.reports.runs.jobs import find_jobs
        from denovo.reports.sweep_report import REENACTMENT, write_comparison

        drawing = REENACTMENT if reenactment else "jobs"
        write_comparison(find_jobs(folders), csv=output, plot=plot, drawing=drawing)
