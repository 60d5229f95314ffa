"""`denovo diagnose`: inspect one batch, the family of losses, one vocabulary."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from denovo.cli.common import PlotOption, check_plot
from denovo.errors import check_positive, exit_with_message

diagnose = typer.Typer(no_args_is_help=True, help="Look inside a batch, a loss, a vocabulary.")

FileArgument = Annotated[
    Path | None, typer.Argument(help="Annotated MGF file; without one, MS2PIP predicts spectra.")
]
CheckpointOption = Annotated[
    Path | None, typer.Option(help="A trained network; without one, an untrained network is built.")
]
SettingOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Setting of the untrained network, such as model=recursive."),
]
CountOption = Annotated[int, typer.Option("--n-spectra", help="Spectra in the batch.")]
SeedOption = Annotated[
    int, typer.Option(help="Seed of the predicted peptides and of an untrained network.")
]
PenaltyOption = Annotated[
    str | None, typer.Option(help="log, clamp, huber, sqrt or hybrid; as configured by default.")
]
ScaleOption = Annotated[
    float | None, typer.Option(help="Scale of the loss; as configured by default.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="JSON file for all figures.")]


@diagnose.command()
def mass(
    file: FileArgument = None,
    checkpoint: CheckpointOption = None,
    settings: SettingOption = None,
    spectrum: Annotated[
        list[int] | None, typer.Option(help="Spectrum shown position by position, from 1.")
    ] = None,
    penalty: PenaltyOption = None,
    loss_scale: ScaleOption = None,
    n_spectra: CountOption = 8,
    seed: SeedOption = 1,
    output: JsonOption = None,
) -> None:
    """Trace the precursor mass through one batch: tokens, probabilities, masses, error, loss."""
    with exit_with_message():
        if loss_scale is not None:
            check_positive("--loss-scale", loss_scale)
        from denovo.cli.diagnosis_input import load_subject
        from denovo.cli.diagnosis_run import trace_batch

        load = partial(load_subject, file, checkpoint, settings, n_spectra, seed)
        trace_batch(load, spectrum or [1], penalty, loss_scale, output)


@diagnose.command()
def gradients(
    file: FileArgument = None,
    checkpoint: CheckpointOption = None,
    settings: SettingOption = None,
    loss_scale: Annotated[float, typer.Option(help="Scale of all members, in ppm.")] = 100.0,
    normalize: Annotated[
        bool, typer.Option("--normalize/--plain", help="Whether to divide by the scale.")
    ] = False,
    plot: PlotOption = None,
    n_spectra: CountOption = 8,
    seed: SeedOption = 1,
    output: JsonOption = None,
) -> None:
    """Compare the members of the loss family, by formula and, if asked, on a batch.

    A file, a checkpoint or a setting asks for the batch.
    """
    with exit_with_message():
        check_plot(plot)
        check_positive("--loss-scale", loss_scale)
        from denovo.cli.diagnosis_input import load_subject
        from denovo.cli.diagnosis_run import compare_family

        load = partial(load_subject, file, checkpoint, settings, n_spectra, seed)
        has_batch = file or checkpoint or settings
        compare_family(load if has_batch else None, loss_scale, normalize, plot, output)


@diagnose.command()
def vocabulary(
    checkpoint: Annotated[
        Path | None, typer.Option(help="Network whose alphabet and stored table are compared.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Setting such as residues=canonical.")
    ] = None,
) -> None:
    """Print the masses of the residues next to those of pyteomics and of a checkpoint."""
    with exit_with_message():
        from denovo.cli.diagnosis_run import compare_masses

        compare_masses(checkpoint, settings or [])
