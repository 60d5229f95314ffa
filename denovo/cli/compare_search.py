"""`denovo compare-search`: predictions and search results of the same spectra."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import Match
from denovo.cli.sequence import OverwriteOption
from denovo.errors import exit_with_message


def compare_search_command(
    spectra: Annotated[str, typer.Argument(help="Spectrum file of any format, or a pattern.")],
    predictions: Annotated[
        Path,
        typer.Argument(help="Predictions of denovo, Casanovo, InstaNovo, PrimeNovo or PepNet."),
    ],
    search: Annotated[
        list[Path],
        typer.Argument(
            help="Search results: mzIdentML, pepXML, MaxQuant msms.txt, Sage, FragPipe psm.tsv, "
            "Percolator, mokapot."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="Table of spectra: .csv, .tsv or .parquet."),
    ] = None,
    mismatches: Annotated[
        Path | None,
        typer.Option(help="CSV file of accepted rows of the search without a spectrum, reasons."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="HTML file with tables and a picture.")] = None,
    max_q_value: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Largest q-value of accepted peptides, of both."),
    ] = 0.01,
    match: Annotated[
        Match,
        typer.Option(
            help="Different residues that agree: masses within 0.1 and 0.5 Da (deepnovo), within "
            "20 and 50 ppm (proteobench), or none but I and L (exact)."
        ),
    ] = Match.PROTEOBENCH,
    overwrite: OverwriteOption = False,
) -> None:
    """Compare predictions with the results of a search engine, spectrum by spectrum."""
    with exit_with_message():
        from denovo.cli.compare_search_run import SearchFiles, compare_and_write

        files = SearchFiles(spectra, predictions, search, output, mismatches, html)
        compare_and_write(files, max_q_value, match, overwrite)
