"""`denovo map`: the peptides of predictions in the proteins of FASTA files."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.cli.sequence import OverwriteOption
from denovo.errors import InputError, exit_with_message


def map_command(
    predictions: Annotated[
        Path, typer.Argument(help="Predictions: .parquet, .csv, .tsv or .mztab of denovo.")
    ],
    fasta: Annotated[
        list[Path] | None,
        typer.Option(help="Proteins, plain or gzip; repeat it to add contaminants."),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            help="Predictions with their matches: .parquet, .csv, .tsv or .mztab (with proteins). "
            "May be repeated.  [default: PREDICTIONS with .mapped before its suffix]"
        ),
    ] = None,
    proteins: Annotated[
        Path | None,
        typer.Option(
            help="Table of proteins: .csv, .tsv or .parquet.  [default: OUTPUT.proteins.csv]"
        ),
    ] = None,
    unmatched: Annotated[
        list[Path] | None,
        typer.Option(
            help="Peptides that no protein has: .fasta for BLAST, .txt for Unipept. May be "
            "repeated.  [default: OUTPUT.unmatched.fasta and .txt]"
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML page.")] = None,
    enzyme: Annotated[
        str, typer.Option(help="Cleavage rule of pyteomics, for the ends of peptides.")
    ] = "trypsin",
    tolerance: Annotated[
        str, typer.Option(help="Largest difference of equal masses; ppm of the peptide's mass.")
    ] = "20 ppm",
    min_length: Annotated[
        int, typer.Option(min=4, help="Fewest residues of a peptide that is looked up.")
    ] = 6,
    max_q_value: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Largest q-value of the peptides in the table of proteins."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the shuffled proteins.")] = 0,
    overwrite: OverwriteOption = False,
) -> None:
    """Find the peptides of predictions in proteins, also through their ambiguity."""
    with exit_with_message():
        if not fasta:
            raise InputError("give the proteins, as in --fasta proteome.fasta")
        from denovo.cli.map_run import MapFiles, MapSettings, map_and_write

        files = MapFiles.make(predictions, fasta, output, proteins, unmatched, report)
        settings = MapSettings(enzyme, tolerance, min_length, max_q_value, seed)
        map_and_write(files, settings, overwrite)
