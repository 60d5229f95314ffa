"""`denovo merge`: one result of the shards of a run."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.cli.sequence import OutputOption, OverwriteOption, RejectedOption, ReportOption
from denovo.errors import InputError, exit_with_message


def merge_command(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Folders of parts, OUTPUT.parts, from one or several machines."),
    ],
    output: OutputOption = None,
    rejected: RejectedOption = None,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Make one result of all shards of a run, the same as that of a run without shards."""
    with exit_with_message():
        if not output:
            raise InputError("give --output, such as all.parquet")
        from denovo.cli.sequencing_run import Plan, Written, merge_shards

        written = Written(output, rejected or output[0].with_suffix(".rejected.csv"), report)
        with written.held([], overwrite, Plan(goes_on=False)):
            outcome = merge_shards(folders, written)
        outcome.conclude()
