"""`denovo evaluate`: measure networks on spectra with known peptides."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from denovo.cli.common import PICTURES, SqrtIntensityOption, check_plot, progress_bar
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
    DecoderOption,
    DeviceOption,
    FragmentToleranceOption,
    IsotopeErrorsOption,
    RescoringOption,
    ThreadsOption,
    ToleranceOption,
    sequencing_settings,
    use_threads,
)
from denovo.errors import InputError
from denovo.evaluation import (
    Census,
    Evaluation,
    EvaluationSet,
    Unsupported,
    control_sets,
    evaluate,
    measured_sets,
    simulated_sets,
)
from denovo.io import expand, together, write_text
from denovo.io.plain_json import as_json
from denovo.reports.evaluation_tables import entry_tables, tables_of
from denovo.reports.figures.gallery import Picture, write_picture
from denovo.reports.html import write_evaluation_report
from denovo.reports.html.evaluation import (
    evaluation_pictures,
    precision_coverage_picture,
    sets_picture,
)
from denovo.reports.table import print_tables, print_text
from denovo.sequencing import SpectrumSequencer
from denovo.sequencing.networks import TrainedModel, load_model
from denovo.training.configuration import faults_as_sentences

_SHIPPED = "shipped"
"""Name of the network that comes with denovo."""


def evaluate_command(
    files: Annotated[list[str], typer.Argument(help="Annotated files of any format, or patterns.")],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="Checkpoint, or a network that denovo export wrote; may be repeated, then all are "
            "compared to the first. The one that comes with denovo by default."
        ),
    ] = None,
    simulated: Annotated[
        int, typer.Option(help="Simulated spectra, read clean and with the noise of training.")
    ] = 0,
    control: Annotated[
        bool, typer.Option("--control", help="Read all files once more, peaks shuffled.")
    ] = False,
    comparable: Annotated[
        bool,
        typer.Option(
            "--comparable",
            help="Only what simulated spectra can be compared with: 6 to 20 residues, modified at "
            "C and M alone, precursor within 50 ppm.",
        ),
    ] = False,
    one_per_precursor: Annotated[
        list[str] | None,
        typer.Option(help="Name of a file of which one spectrum per peptide and charge is read."),
    ] = None,
    sqrt_intensity: SqrtIntensityOption = None,
    unsupported: Annotated[
        Unsupported, typer.Option(help="Peptides outside the alphabet: stop, or leave out.")
    ] = Unsupported.ERROR,
    json: Annotated[Path | None, typer.Option(help="JSON file for all figures.")] = None,
    csv: Annotated[Path | None, typer.Option(help="CSV file, a row per spectrum.")] = None,
    html: Annotated[Path | None, typer.Option(help="HTML file with tables and pictures.")] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Precision over coverage of the first network: .png, .svg or .pdf. A name without "
            "such an ending is a folder for all pictures, PNG."
        ),
    ] = None,
    decoder: DecoderOption = DECODER,
    beam_width: BeamWidthOption = DEFAULTS.beam_width,
    tolerance: ToleranceOption = DEFAULTS.tolerance,
    isotope_errors: IsotopeErrorsOption = ISOTOPE_ERRORS,
    charges: ChargesOption = CHARGES,
    rescoring: RescoringOption = RESCORING,
    n_candidates: CandidatesOption = DEFAULTS.n_candidates,
    batch_size: BatchSizeOption = DEFAULTS.batch_size,
    fragment_tolerance: FragmentToleranceOption = DEFAULTS.fragment_tolerance,
    threads: ThreadsOption = N_THREADS,
    device: DeviceOption = DEFAULTS.device,
) -> None:
    """Measure networks on spectra with known peptides, measured and simulated."""
    with faults_as_sentences():
        if plot and plot.suffix:
            check_plot(plot)
        if simulated < 0:
            raise InputError(f"--simulated must be at least 0, got {simulated}")
        use_threads(threads)
        _check_apart(expand(files), [json, csv, html, plot])
        settings = sequencing_settings(
            decoder,
            beam_width,
            tolerance,
            isotope_errors,
            charges,
            batch_size,
            fragment_tolerance=fragment_tolerance,
            rescoring=rescoring,
            n_candidates=n_candidates,
            device=device,
        )
        selected = {
            "unsupported": unsupported,
            "is_comparable": comparable,
            "one_per_precursor": one_per_precursor or [],
            "sqrt_intensity": sqrt_intensity or [],
        }
        with together(json, csv, html, plot if plot and plot.suffix else None):
            evaluations: list[Evaluation] = []
            for name, model, known in _networks(checkpoint or [None]):
                pipeline = settings.pipeline(model)
                found = _evaluate(
                    (name, pipeline, model.config),
                    partial(measured_sets, files, pipeline.vocabulary, **selected),
                    partial(
                        simulated_sets, pipeline.vocabulary, known, simulated, pipeline.n_peaks
                    ),
                    control,
                    next(iter(evaluations), None),
                )
                evaluations.append(found)
                assert found.census
                print_tables([*tables_of(found), *entry_tables(found.census)])
                for remark in found.remarks:
                    print_text(f"{name}: {remark}")
            chosen = {"files": files, "simulated": simulated, **selected, **settings.as_text()}
            _write(evaluations, chosen, json, csv, html, plot)


def _evaluate(
    network: tuple[str, SpectrumSequencer, Mapping[str, Any]],
    measured: Callable[..., tuple[list[EvaluationSet], Census]],
    simulated: Callable[[], list[EvaluationSet]],
    control: bool,
    reference: Evaluation | None,
) -> Evaluation:
    name, pipeline, training = network
    with progress_bar() as progress:
        task = progress.add_task("counting", total=None)
        n_done = 0

        def count(n_more: int = 1) -> None:
            nonlocal n_done
            n_done += n_more
            progress.update(task, completed=n_done, n_done=n_done)

        files, census = measured(on_entry=count)
        controls, notes = control_sets(files, pipeline.vocabulary) if control else ([], [])
        sets = [*simulated(), *files, *controls]
        n_spectra, n_done = sum(each.n_spectra for each in sets), 0
        progress.reset(task, description="sequencing", total=n_spectra)
        return evaluate(name, pipeline, sets, reference, training, census, notes, count)


def _networks(
    checkpoints: Sequence[Path | None],
) -> list[tuple[str, TrainedModel, Mapping[str, Any]]]:
    """Load networks, each with its name and the configuration that spectra are simulated by."""
    names = [str(path) if path else _SHIPPED for path in checkpoints]
    if len(set(names)) < len(names):
        raise InputError("a checkpoint is given twice; give each once")
    models = [load_model(path) for path in checkpoints]
    # What was not trained on simulated spectra is shown those of the first that was.
    known = next((model.config for model in models if "curriculum" in model.config), {})
    return [
        (name, model, model.config if "curriculum" in model.config else known)
        for name, model in zip(names, models, strict=True)
    ]


def _check_apart(read: Sequence[Path], written: Sequence[Path | None]) -> None:
    inputs = {path.resolve() for path in read}
    for path in written:
        if path is not None and path.resolve() in inputs:
            raise InputError(f"{path} is both read and written; choose another output")


def _write(
    evaluations: Sequence[Evaluation],
    chosen: Mapping[str, Any],
    json: Path | None,
    csv: Path | None,
    html: Path | None,
    plot: Path | None,
) -> None:
    if json:
        networks = {each.name: each.as_dict() for each in evaluations}
        write_text(json, as_json({"settings": chosen, "networks": networks}))
    if csv:
        write_text(csv, _as_csv(pd.concat([each.rows for each in evaluations])))
    if html:
        write_evaluation_report(html, evaluations, chosen)
    pictures = _pictures(evaluations, plot) if plot else {}
    with together(*pictures):
        for path, picture in pictures.items():
            write_picture(path, picture.figure)


def _pictures(evaluations: Sequence[Evaluation], plot: Path) -> dict[Path, Picture]:
    """Draw one picture, or all pictures of a folder, by the path of each."""
    if plot.suffix in PICTURES:
        return {plot: precision_coverage_picture(evaluations[0])}
    sets = sets_picture(evaluations)
    pictures = {plot / "sets.png": sets} if sets else {}
    for number, each in enumerate(evaluations, start=1):
        ending = f"_{number}" if len(evaluations) > 1 else ""
        for picture in evaluation_pictures(each):
            pictures[plot / f"{picture.name}{ending}.png"] = picture
    return pictures


def _as_csv(rows: pd.DataFrame) -> str:
    scores = [",".join(f"{score:.6g}" for score in each) for each in rows["residue_scores"]]
    right = ["".join(str(int(is_right)) for is_right in each) for each in rows["residues_right"]]
    written = rows.assign(residue_scores=scores, residues_right=right)
    return written.to_csv(index=False, lineterminator="\n", float_format="%.9g")
