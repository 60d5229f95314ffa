"""Work of the commands of `denovo diagnose`, once their options are read."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.cli import diagnosis_tables as tables
from denovo.cli.diagnosis_input import Subject, settings_of
from denovo.errors import InputError
from denovo.evaluation.diagnosis.gradients import compare_members, gradients_of_batch
from denovo.evaluation.diagnosis.mass import trace_masses
from denovo.evaluation.diagnosis.vocabulary import compare_vocabulary
from denovo.io import together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.gradients import draw_gradients
from denovo.reports.table import Table, print_tables, print_text
from denovo.sequencing.networks import read_checkpoint, vocabulary_of
from denovo.training.configuration import build


def trace_batch(
    load: Callable[[], Subject],
    chosen: Sequence[int],
    penalty: str | None,
    loss_scale: float | int | None,
    output: Path | None,
) -> None:
    """Trace the precursor mass through a batch, print tables and write a JSON file.

    Spectra in ``chosen``, counted from 1, are shown position by position.
    """
    with together(output):
        subject = load()
        loss = subject.precursor_loss(penalty, loss_scale)
        traces = trace_masses(subject.logits, subject.batch, loss, subject.titles)
        for number in chosen:
            if not 1 <= number <= len(traces):
                raise InputError(f"--spectrum must lie between 1 and {len(traces)}, got {number}")
        if output:
            rows = [trace.as_dict() for trace in traces]
            write_text(output, json.dumps(rows, indent=2) + "\n")
    print_text(f"Read by {subject.name}:")
    for number in chosen:
        print_tables(tables.trace_parts(number, traces[number - 1], loss))
    print_tables([tables.batch_table(traces)])


def compare_family(
    load: Callable[[], Subject] | None,
    loss_scale: float | int,
    normalize: bool,
    plot: Path | None,
    output: Path | None,
) -> None:
    """Compare the members of the loss family by formula and, if there is one, on a batch."""
    members = compare_members(loss_scale, normalize=normalize)
    found = {"members": members.to_dict("records")}
    parts: list[Table | str] = [*tables.member_parts(members, loss_scale)]
    with together(plot, output):
        if plot:
            errors = np.geomspace(1, 1e5, 201).tolist()
            family = compare_members(loss_scale, errors, normalize)
            write_picture(plot, draw_gradients(family, loss_scale))
        if load:
            subject = load()
            loss = subject.precursor_loss(loss_scale=loss_scale, normalize=normalize)
            rows = gradients_of_batch(subject.logits, subject.batch, loss).to_dict("records")
            found["batch"] = rows
            error = float(loss.error(subject.logits, subject.batch).abs().median())
            parts += [
                f"\nOn a batch read by {subject.name}, median error {error:,.0f} {loss.unit}:\n",
                tables.gradient_table(rows),
            ]
        if output:
            write_text(output, json.dumps(found, indent=2) + "\n")
    print_tables(parts)


def compare_masses(checkpoint: Path | None, settings: list[str]) -> None:
    """Print the masses of a vocabulary next to those of pyteomics and of a checkpoint.

    The vocabulary is that of the checkpoint or, without one, that of the settings.
    """
    state = None
    if checkpoint:
        content = read_checkpoint(checkpoint)
        own = vocabulary_of(content, checkpoint)
        state = content["denovo"]["vocabulary"]
    else:
        own = Vocabulary(build(settings_of(settings).residues))
    table = compare_vocabulary(own, state)
    print_tables([tables.vocabulary_table(table, own.alphabet.name)])
    numbers = [int(number) for number in np.flatnonzero(~table["is_equal"])]
    if numbers:
        raise InputError(
            f"the masses or names of {len(numbers)} of {len(table)} tokens differ, first of "
            f"token {numbers[0]}"
        )
