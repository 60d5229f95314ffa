"""`denovo plot`: one spectrum with the peptide that explains it, and MS2PIP's below it."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.cli.common import check_plot
from denovo.errors import exit_with_message


def plot_spectrum(
    file: Annotated[
        Path, typer.Argument(help="Spectrum file, such as run.mzML or library.msp.gz.")
    ],
    spectrum: Annotated[str, typer.Option(help="Its title, native id, scan, or place from 0.")],
    peptide: Annotated[
        str | None, typer.Option(help="ProForma; the predicted or annotated one by default.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Output of `denovo sequence`: .csv, .tsv, .parquet, .mztab."),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Network whose alphabet and MS2PIP model are used.")
    ] = None,
    mirror: Annotated[bool, typer.Option(help="Whether MS2PIP predicts the peptide below.")] = True,
    tolerance: Annotated[
        str, typer.Option(help="Tolerance of fragments, in ppm or Da.")
    ] = "20 ppm",
    output: Annotated[
        Path | None, typer.Option(help="Picture: .png, .svg or .pdf; named after the file.")
    ] = None,
) -> None:
    """Draw a spectrum, its peaks explained by a peptide."""
    with exit_with_message():
        check_plot(output, "--output")
        from denovo.cli.plot_run import draw_spectrum

        draw_spectrum(file, spectrum, peptide, predictions, checkpoint, mirror, tolerance, output)
