"""`denovo evaluate`: measure a network on annotated spectra."""

import json
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console

from denovo.chemistry import Vocabulary
from denovo.cli.common import PlotOption, check_plot, progress_bar
from denovo.cli.evaluation_tables import print_evaluation
from denovo.cli.sequencing_options import (
    CHARGES,
    DECODER,
    DEFAULTS,
    ISOTOPE_ERRORS,
    N_THREADS,
    RESCORING,
    BatchSizeOption,
    BeamWidthOption,
    CandidatesOption,
    ChargesOption,
    CheckpointOption,
    DecoderOption,
    DeviceOption,
    FragmentToleranceOption,
    IntensityPowerOption,
    IsotopeErrorsOption,
    RescoringOption,
    ThreadsOption,
    ToleranceOption,
    sequencing_settings,
    use_threads,
)
from denovo.data import AnnotatedSpectra
from denovo.errors import InputError
from denovo.evaluation import Evaluation, Unsupported, evaluate, figures_of
from denovo.io import expand, together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.html import write_evaluation_report
from denovo.reports.html.evaluation import precision_coverage_picture, reliability_picture
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.networks import load_model
from denovo.spectra.measured import MeasuredSpectrum
from denovo.training.configuration import faults_as_sentences


def evaluate_command(
    files: Annotated[list[str], typer.Argument(help="Annotated files of any format, or patterns.")],
    checkpoint: CheckpointOption = None,
    output: Annotated[Path | None, typer.Option(help="JSON file for the figures.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="CSV file, a row per spectrum.")] = None,
    plot: PlotOption = None,
    reliability_plot: Annotated[
        Path | None, typer.Option(help="Picture of promised and kept probability.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML file with tables and pictures.")] = None,
    decoder: DecoderOption = DECODER,
    beam_width: BeamWidthOption = DEFAULTS.beam_width,
    tolerance: ToleranceOption = DEFAULTS.tolerance,
    isotope_errors: IsotopeErrorsOption = ISOTOPE_ERRORS,
    charges: ChargesOption = CHARGES,
    rescoring: RescoringOption = RESCORING,
    candidates: CandidatesOption = DEFAULTS.candidates,
    batch_size: BatchSizeOption = DEFAULTS.batch_size,
    intensity_power: IntensityPowerOption = DEFAULTS.intensity_power,
    fragment_tolerance: FragmentToleranceOption = DEFAULTS.fragment_tolerance,
    unsupported: Annotated[
        Unsupported, typer.Option(help="Peptides outside the alphabet: stop, or leave out.")
    ] = Unsupported.ERROR,
    threads: ThreadsOption = N_THREADS,
    device: DeviceOption = DEFAULTS.device,
) -> None:
    """Measure a network on annotated spectra."""
    with faults_as_sentences():
        check_plot(plot)
        check_plot(reliability_plot, "--reliability-plot")
        use_threads(threads)
        outputs = (output, predictions, plot, reliability_plot, report)
        _check_apart(expand(files), outputs)
        settings = sequencing_settings(
            decoder,
            beam_width,
            tolerance,
            isotope_errors,
            charges,
            batch_size,
            intensity_power,
            fragment_tolerance,
            rescoring=rescoring,
            candidates=candidates,
            device=device,
        )
        with together(*outputs):
            model = load_model(checkpoint)
            pipeline = settings.pipeline(model)
            if reliability_plot and pipeline.calibration is None:
                raise InputError(
                    f"{model.path} has no probabilities for decoder={decoder.value}, so there is "
                    "no reliability to draw; give a network that denovo export has calibrated"
                )
            evaluation = _evaluate(pipeline, files, unsupported)
            chosen = {"files": files, "checkpoint": str(model.path), **settings.as_text()}
            figures = figures_of(evaluation)
            if output:
                write_text(output, _as_json(chosen, figures, evaluation))
            if predictions:
                write_text(predictions, _as_csv(evaluation.rows))
            if plot:
                write_picture(plot, precision_coverage_picture(evaluation).figure)
            if reliability_plot:
                write_picture(reliability_plot, reliability_picture(evaluation).figure)
            if report:
                write_evaluation_report(report, evaluation, figures, chosen)
        print_evaluation(Console(), figures)


def _check_apart(read: Sequence[Path], written: Sequence[Path | None]) -> None:
    inputs = {path.resolve() for path in read}
    for path in written:
        if path is not None and path.resolve() in inputs:
            raise InputError(f"{path} is both read and written; choose another output")


def _evaluate(
    pipeline: SpectrumSequencer, files: Sequence[str], unsupported: Unsupported
) -> Evaluation:
    with progress_bar() as progress:
        task = progress.add_task("counting", total=None)
        n_counted = 0

        def count() -> None:
            nonlocal n_counted
            n_counted += 1
            progress.update(task, n_done=n_counted)

        def advance(n_done: int, total: int) -> None:
            progress.update(task, completed=n_done, total=total, n_done=n_done)

        return evaluate(pipeline, files, unsupported, count, advance)


def _as_json(chosen: Mapping[str, Any], figures: Mapping[str, Any], evaluation: Evaluation) -> str:
    census = evaluation.census
    fates = {
        "skipped": [
            {name: getattr(e, name) for name in ("file", "native_id", "title", "scan", "reason")}
            for e in census.skipped
        ],
        "rejected": dict(census.rejected.most_common()),
    }
    content = {**figures, **fates, "settings": chosen}
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _as_csv(rows: pd.DataFrame) -> str:
    scores = [",".join(f"{score:.6g}" for score in each) for each in rows["residue_scores"]]
    right = ["".join(str(int(is_right)) for is_right in each) for each in rows["residues_right"]]
    written = rows.assign(residue_scores=scores, residues_right=right)
    return written.to_csv(index=False, lineterminator="\n", float_format="%.9g")


Refusal = Callable[[MeasuredSpectrum, list[int]], str | None]

RootedOption = Annotated[
    list[str] | None, typer.Option(help="Name of a file that holds square roots of intensities.")
]


def measured_sets(
    files: list[str],
    vocabulary: Vocabulary,
    rooted: list[str] | None = None,
    refuse: Callable[[Path], Refusal | None] = lambda _: None,
) -> dict[str, AnnotatedSpectra]:
    """Open each file as a set of its own, named as the file is.

    Parameters
    ----------
    files : list of str
        Paths and glob patterns.
    vocabulary : Vocabulary
        What the peptides are written in; spectra with others are left out.
    rooted : list of str or None
        Names of files, or patterns of them, that hold square roots of intensities.
    refuse : callable
        Says for a file which of its spectra are not wanted.

    Raises
    ------
    InputError
        If a file cannot be read, two have the same name, or a name in ``rooted`` fits none.
    """
    paths = expand(files)
    check_named(paths, rooted)
    sets = {
        path.name: AnnotatedSpectra(
            path,
            vocabulary,
            unsupported="skip",
            intensity_power=2.0 if is_named(path, rooted) else 1.0,
            refuse=refuse(path),
        )
        for path in paths
    }
    if len(sets) < len(paths):
        raise InputError("two files have the same name; rename one, or read them one by one")
    return sets


def is_named(path: Path, patterns: list[str] | None) -> bool:
    """Tell whether one of the names or patterns is that of a file."""
    return any(fnmatch(path.name, Path(pattern).name) for pattern in patterns or ())


def check_named(paths: list[Path], patterns: list[str] | None) -> None:
    """Refuse names that fit no file.

    Raises
    ------
    InputError
        If there is one.
    """
    for pattern in patterns or ():
        if not any(is_named(path, [pattern]) for path in paths):
            raise InputError(f"{pattern} names none of the files; give the name of one of them")
