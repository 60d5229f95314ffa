"""`denovo convert`: predictions in the formats of other programs."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import ExchangeFormat
from denovo.cli.sequence import OverwriteOption
from denovo.errors import InputError, exit_with_message


def convert_command(
    predictions: Annotated[
        Path, typer.Argument(help="Predictions: .parquet, .csv, .tsv or .mztab of denovo.")
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write: .pin (Percolator, mokapot), .mzid (mzIdentML), .fasta, .csv, "
            ".tsv, .parquet or .mztab. May be repeated."
        ),
    ] = None,
    format: Annotated[
        list[ExchangeFormat] | None,
        typer.Option(
            help="Format of the outputs whose suffix it has: psm_utils for .tsv and .parquet, "
            "casanovo or casanovo-index for .mztab, instead of those of denovo. May be repeated."
        ),
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Write predictions in the formats of other programs, and back and forth between ours."""
    with exit_with_message():
        if not output:
            raise InputError("give --output, such as all.pin")
        from denovo.cli.convert_run import convert

        convert(predictions, output, format or [], overwrite)
