"""`denovo diagnose`: look inside one batch, one family of losses, one vocabulary."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from denovo.chemistry import Vocabulary
from denovo.cli import diagnosis_tables as tables
from denovo.cli.common import PlotOption, check_plot
from denovo.cli.diagnosis_input import (
    CheckpointOption,
    CountOption,
    FileArgument,
    SeedOption,
    SettingOption,
    load_subject,
    settings_of,
)
from denovo.errors import InputError, check_positive, exit_with_message
from denovo.evaluation.diagnosis.gradients import compare_members, gradients_of_batch
from denovo.evaluation.diagnosis.mass import trace_masses
from denovo.evaluation.diagnosis.vocabulary import compare_vocabulary
from denovo.io import together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.gradients import draw_gradients
from denovo.sequencing.networks import read_checkpoint, vocabulary_of
from denovo.training.configuration import build

diagnose = typer.Typer(no_args_is_help=True, help="Look inside a batch, a loss, a vocabulary.")

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
        with together(output):
            subject = load_subject(file, checkpoint, settings, n_spectra, seed)
            loss = subject.precursor_loss(penalty, loss_scale)
            traces = trace_masses(subject.logits, subject.batch, loss, subject.titles)
            chosen = spectrum or [1]
            for number in chosen:
                if not 1 <= number <= len(traces):
                    raise InputError(
                        f"--spectrum must lie between 1 and {len(traces)}, got {number}"
                    )
            if output:
                rows = [trace.as_dict() for trace in traces]
                write_text(output, json.dumps(rows, indent=2) + "\n")
        console = Console()
        console.print(f"Read by {subject.name}:", soft_wrap=True)
        for number in chosen:
            tables.print_trace(console, number, traces[number - 1], loss)
        tables.print_traces(console, traces)


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
    """Set the members of the loss family side by side, by formula and, if asked, on a batch.

    A file, a checkpoint or a setting asks for the batch.
    """
    with exit_with_message():
        check_plot(plot)
        check_positive("--loss-scale", loss_scale)
        members = compare_members(loss_scale, normalize=normalize)
        found = {"members": members.to_dict("records")}
        with together(plot, output):
            if plot:
                errors = np.geomspace(1, 1e5, 201).tolist()
                family = compare_members(loss_scale, errors, normalize)
                write_picture(plot, draw_gradients(family, loss_scale))
            reading = None
            if file or checkpoint or settings:
                subject = load_subject(file, checkpoint, settings, n_spectra, seed)
                loss = subject.precursor_loss(loss_scale=loss_scale, normalize=normalize)
                batch = gradients_of_batch(subject.logits, subject.batch, loss)
                error = float(loss.error(subject.logits, subject.batch).abs().median())
                reading = (batch, subject.name, error, loss.unit)
                found["batch"] = batch.to_dict("records")
            if output:
                write_text(output, json.dumps(found, indent=2) + "\n")
        console = Console()
        tables.print_members(console, members, loss_scale)
        if reading:
            tables.print_batch(console, *reading)


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
        state = None
        if checkpoint:
            content = read_checkpoint(checkpoint)
            own = vocabulary_of(content, checkpoint)
            state = content["denovo"]["vocabulary"]
        else:
            own = Vocabulary(build(settings_of(settings or []).residues))
        table = compare_vocabulary(own, state)
        tables.print_vocabulary(Console(), table, own.alphabet.name)
        numbers = [int(number) for number in np.flatnonzero(~table["is_equal"])]
        if numbers:
            raise InputError(
                f"the masses or names of {len(numbers)} of {len(table)} tokens differ, first of "
                f"token {numbers[0]}"
            )
