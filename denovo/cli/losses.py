"""`denovo losses`: value and gradient of every penalty, in the terminal or in a document."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.errors import InputError
from denovo.io import together, write_text
from denovo.losses.table import penalty_tables, with_tables
from denovo.training.configuration import faults_as_sentences


def losses(
    write: Annotated[Path | None, typer.Option(help="Document to put the tables into.")] = None,
    check: Annotated[Path | None, typer.Option(help="Document to compare them with.")] = None,
) -> None:
    """Print value and gradient of every precursor penalty, or keep a document in step."""
    with faults_as_sentences():
        if write:
            with together(write):
                write_text(write, with_tables(write.read_text("utf-8"), str(write)))
        if check:
            document = check.read_text("utf-8")
            if document != with_tables(document, str(check)):
                raise InputError(
                    f"{check}: its tables differ from the code; run denovo losses --write {check}"
                )
        if not (write or check):
            typer.echo(penalty_tables())
