"""`denovo spectra-stats`: composition of annotated spectra, measured and simulated."""

from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import SpectrumGrouping
from denovo.cli.common import PlotOption, SqrtIntensityOption, check_plot
from denovo.errors import InputError, exit_with_message


def spectra_stats_command(
    files: Annotated[
        list[str] | None, typer.Argument(help="Measured spectra with peptides, of any format.")
    ] = None,
    simulated: Annotated[
        list[str] | None,
        typer.Option(
            help="Settings as for train.py, such as noise=measured: spectra that MS2PIP predicts "
            "for the same peptides, with the noise of the last stage on each. May be repeated."
        ),
    ] = None,
    sqrt_intensity: SqrtIntensityOption = None,
    n_peaks: Annotated[int, typer.Option(help="Number of most intense peaks used.")] = 100,
    n_spectra: Annotated[
        int, typer.Option(help="Peptides predicted where no file names any.")
    ] = 200,
    residues: Annotated[str, typer.Option(help="Alphabet, as for train.py.")] = "common",
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 0,
    by: Annotated[
        SpectrumGrouping | None,
        typer.Option(help="Measure groups of spectra, those of all files together."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--json", help="JSON file.")] = None,
    plot: PlotOption = None,
) -> None:
    """Measure how often and how strong each part of annotated spectra is."""
    with exit_with_message():
        check_plot(plot)
        if not files and not simulated:
            raise InputError("there are no spectra; give files, or --simulated noise=measured")
        for name, count in (("--n-peaks", n_peaks), ("--n-spectra", n_spectra)):
            if count < 1:
                raise InputError(f"{name} must be at least 1, got {count}")
        from denovo.cli.spectra_stats_run import measure_and_write

        measure_and_write(
            files or [],
            simulated or [],
            sqrt_intensity or [],
            n_peaks,
            n_spectra,
            residues,
            seed,
            by,
            output,
            plot,
        )
