"""`denovo sim2real`: simulated and measured spectra, read by the same networks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from denovo.cli.common import progress_bar
from denovo.cli.evaluate import RootedOption, check_named, is_named, measured_sets
from denovo.cli.sequencing_options import (
    DEFAULTS,
    N_THREADS,
    RESCORING,
    BeamWidthOption,
    CandidatesOption,
    RescoringOption,
    ThreadsOption,
    use_threads,
)
from denovo.errors import InputError
from denovo.evaluation.measurement import Contender, Measurement, measure, sets_for
from denovo.evaluation.sets import Selection
from denovo.evaluation.tables import tables_of
from denovo.io import expand, together, write_text
from denovo.io.plain_json import as_json
from denovo.reports.figures.gallery import write_picture
from denovo.reports.html import write_sim2real_report
from denovo.reports.html.evaluation import contender_pictures, gap_picture
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks import load_model
from denovo.training.configuration import faults_as_sentences

_SHIPPED = "shipped"
"""What the network that comes with denovo is called."""
_WIDTH = 150
"""Columns where nobody looks at a terminal: tables are not to be cut in files."""


def sim2real(
    files: Annotated[list[str], typer.Argument(help="Measured spectra with peptides.")],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="Checkpoint; may be given repeatedly, then all are compared to the first. The one "
            "that comes with denovo by default."
        ),
    ] = None,
    rooted: RootedOption = None,
    once: Annotated[
        list[str] | None,
        typer.Option(help="Name of a file of which one spectrum per peptide and charge is read."),
    ] = None,
    simulated: Annotated[
        int, typer.Option(help="Simulated spectra, read clean and with the noise; 0: none.")
    ] = 500,
    control: Annotated[
        bool, typer.Option("--control", help="Read all once more, peaks exchanged among peptides.")
    ] = False,
    beam_width: BeamWidthOption = DEFAULTS.beam_width,
    tolerance: Annotated[str, typer.Option(help="Of the precursor mass, as a law.")] = "20 ppm",
    rescoring: RescoringOption = RESCORING,
    candidates: CandidatesOption = DEFAULTS.candidates,
    output: Annotated[Path | None, typer.Option("--json", help="JSON file.")] = None,
    html: Annotated[Path | None, typer.Option(help="HTML file with tables and pictures.")] = None,
    figures: Annotated[Path | None, typer.Option(help="Folder for the pictures, PNG.")] = None,
    threads: ThreadsOption = N_THREADS,
) -> None:
    """Read simulated and measured spectra with one or several checkpoints, and compare."""
    with faults_as_sentences():
        use_threads(threads)
        check_named(expand(files), once)
        if simulated < 0:
            raise InputError(f"--simulated must be at least 0, got {simulated}")
        settings = SequencingSettings(
            beam_width=beam_width, tolerance=tolerance, rescoring=rescoring, candidates=candidates
        )
        with together(output, html):
            measurements: list[Measurement] = []
            for contender in _contenders(checkpoint or [None], settings):
                found = _measure(
                    contender, (files, rooted, once), (simulated, control), measurements[:1]
                )
                measurements.append(found)
                _print(found)
            chosen = {"files": ", ".join(files), "simulated": simulated, **settings.as_text()}
            if output:
                write_text(output, as_json({each.name: each.as_dict() for each in measurements}))
            if html:
                write_sim2real_report(html, measurements, chosen)
        if figures:
            _draw(figures, measurements)


def _contenders(
    checkpoints: Sequence[Path | None], settings: SequencingSettings
) -> list[Contender]:
    models = [load_model(path) for path in checkpoints]
    names = [str(path) if path else _SHIPPED for path in checkpoints]
    if len(set(names)) < len(names):
        raise InputError("a checkpoint is given twice; give each once")
    # What was not trained on simulated spectra is shown those of the first that was.
    known = next((model.config for model in models if "curriculum" in model.config), {})
    return [
        Contender(
            name,
            settings.pipeline(model),
            model.config if "curriculum" in model.config else known,
            model.config,
        )
        for name, model in zip(names, models, strict=True)
    ]


def _measure(
    contender: Contender,
    measured: tuple[list[str], list[str] | None, list[str] | None],
    options: tuple[int, bool],
    first: Sequence[Measurement],
) -> Measurement:
    files, rooted, once = measured
    vocabulary = contender.pipeline.vocabulary
    sources = measured_sets(
        files,
        vocabulary,
        rooted,
        refuse=lambda file: Selection(vocabulary, one_per_precursor=is_named(file, once)),
    )
    sets, notes = sets_for(contender, sources, *options)
    with progress_bar() as progress:
        task = progress.add_task("sequencing", total=sum(map(len, sets)))
        n_done = 0

        def advance(n_read: int) -> None:
            nonlocal n_done
            n_done += n_read
            progress.update(task, completed=n_done, n_done=n_done)

        return measure(contender, sets, notes, first[0] if first else None, advance)


def _print(measurement: Measurement) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    for content in tables_of(measurement):
        table = Table(title=escape(content.caption), title_justify="left", box=box.SIMPLE_HEAD)
        for number, heading in enumerate(content.headings):
            table.add_column(heading, justify="right" if number else "left", overflow="fold")
        for row in content.rows:
            table.add_row(*map(escape, row))
        console.print(table)
    for note in (measurement.exposure.sentence, *measurement.notes):
        console.print(escape(f"{measurement.name}: {note}"), soft_wrap=True)


def _draw(folder: Path, measurements: Sequence[Measurement]) -> None:
    pictures = {folder / "gap.png": gap_picture(measurements)}
    for number, measurement in enumerate(measurements, start=1):
        ending = f"_{number}" if len(measurements) > 1 else ""
        for picture in contender_pictures(measurement):
            pictures[folder / f"{picture.name}{ending}.png"] = picture
    with together(*pictures):
        for path, picture in pictures.items():
            write_picture(path, picture.figure)
