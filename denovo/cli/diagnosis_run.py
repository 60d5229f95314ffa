"""What the commands of `denovo diagnose` do once their options are read."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from denovo.chemistry import Vocabulary
from denovo.cli import diagnosis_tables as tables
from denovo.cli.diagnosis_input import load_subject, settings_of
from denovo.errors import InputError
from denovo.evaluation.diagnosis.gradients import compare_members, gradients_of_batch
from denovo.evaluation.diagnosis.mass import trace_masses
from denovo.evaluation.diagnosis.vocabulary import compare_vocabulary
from denovo.io import together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.gradients import draw_gradients
from denovo.sequencing.networks import read_checkpoint, vocabulary_of
from denovo.training.configuration import build

_Shown = tuple[Path | None, Path | None, list[str] | None, int, int]
"""Arguments of `load_subject`: file, checkpoint, settings, number of spectra, seed."""


def trace_batch(
    shown: _Shown,
    chosen: Sequence[int],
    penalty: str | None,
    loss_scale: float | int | None,
    output: Path | None,
) -> None:
    """Trace the precursor mass through a batch, print tables and write a file.

    Parameters
    ----------
    shown : tuple
        Arguments of `load_subject`.
    chosen : sequence of int
        Spectra shown position by position, from 1.
    penalty, loss_scale
        See `Subject.precursor_loss`.
    output : Path or None
        JSON file.

    Raises
    ------
    InputError
        If a file cannot be read or written, or there is no such spectrum.
    """
    with together(output):
        subject = load_subject(*shown)
        loss = subject.precursor_loss(penalty, loss_scale)
        traces = trace_masses(subject.logits, subject.batch, loss, subject.titles)
        for number in chosen:
            if not 1 <= number <= len(traces):
                raise InputError(f"--spectrum must lie between 1 and {len(traces)}, got {number}")
        if output:
            rows = [trace.as_dict() for trace in traces]
            write_text(output, json.dumps(rows, indent=2) + "\n")
    console = Console()
    console.print(f"Read by {subject.name}:", soft_wrap=True)
    for number in chosen:
        tables.print_trace(console, number, traces[number - 1], loss)
    tables.print_traces(console, traces)


def compare_family(
    shown: _Shown, loss_scale: float | int, normalize: bool, plot: Path | None, output: Path | None
) -> None:
    """Compare the members of the loss family, print tables and write files.

    Parameters
    ----------
    shown : tuple
        Arguments of `load_subject`.
    loss_scale : float
        Scale of all members, in ppm.
    normalize : bool
        Whether to divide by the scale.
    plot, output : Path or None
        Picture and JSON file.

    Raises
    ------
    InputError
        If a file cannot be read or written.
    """
    members = compare_members(loss_scale, normalize=normalize)
    found = {"members": members.to_dict("records")}
    with together(plot, output):
        if plot:
            errors = np.geomspace(1, 1e5, 201).tolist()
            family = compare_members(loss_scale, errors, normalize)
            write_picture(plot, draw_gradients(family, loss_scale))
        reading = None
        if any(shown[:3]):
            subject = load_subject(*shown)
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


def compare_masses(checkpoint: Path | None, settings: list[str]) -> None:
    """Print the masses of a vocabulary next to those of pyteomics and of a checkpoint.

    Parameters
    ----------
    checkpoint : Path or None
        Network whose vocabulary it is.
    settings : list of str
        Overrides of the configuration whose vocabulary it is otherwise.

    Raises
    ------
    InputError
        If the checkpoint cannot be read, or a mass or a name differs.
    """
    state = None
    if checkpoint:
        content = read_checkpoint(checkpoint)
        own = vocabulary_of(content, checkpoint)
        state = content["denovo"]["vocabulary"]
    else:
        own = Vocabulary(build(settings_of(settings).residues))
    table = compare_vocabulary(own, state)
    tables.print_vocabulary(Console(), table, own.alphabet.name)
    numbers = [int(number) for number in np.flatnonzero(~table["is_equal"])]
    if numbers:
        raise InputError(
            f"the masses or names of {len(numbers)} of {len(table)} tokens differ, first of "
            f"token {numbers[0]}"
        )
