"""`denovo tune`: fine-tune a network on the results of a search engine."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import DEFAULT_NETWORK
from denovo.cli.common import MaxQValueOption
from denovo.cli.sequence import OverwriteOption
from denovo.cli.sequencing_options import NETWORK_HELP, NETWORK_OPTIONS
from denovo.errors import InputError, exit_with_message


def tune_command(
    search: Annotated[
        Path,
        typer.Argument(
            help="Search results: mzIdentML, pepXML, MaxQuant msms.txt, Sage, FragPipe psm.tsv, "
            "Percolator, mokapot."
        ),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Settings of the training, such as data.held_out=0.3."),
    ] = None,
    spectra: Annotated[
        list[str] | None,
        typer.Option(help="Spectrum file that was searched, or a pattern; may be repeated."),
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Folder for the spectra, the network and the tables.")
    ] = Path("tuned"),
    checkpoint: Annotated[
        str, typer.Option(*NETWORK_OPTIONS, help=f"To start from. {NETWORK_HELP}")
    ] = DEFAULT_NETWORK,
    max_q_value: MaxQValueOption = 0.01,
    overwrite: OverwriteOption = False,
) -> None:
    """Fine-tune a network on the results of a search engine."""
    with exit_with_message():
        if not spectra:
            raise InputError("give the spectra that were searched, as in --spectra run.mzML")
        from denovo.cli.tune_run import tune

        tune(search, spectra, folder, checkpoint, max_q_value, overrides or [], overwrite)
