"""Networks measured one after the other, and the files that come of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from denovo.choices import PICTURES
from denovo.cli.common import progress_bar
from denovo.errors import InputError
from denovo.evaluation import (
    Census,
    Evaluation,
    EvaluationSet,
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
from denovo.sequencing import SequencingSettings, SpectrumSequencer
from denovo.sequencing.networks import TrainedModel, load_model

_SHIPPED = "shipped"
"""Name of the network that comes with denovo."""


class Written(NamedTuple):
    """The files that an evaluation writes; None where one is not asked for.

    Parameters
    ----------
    json, csv, html : Path or None
        All figures, a row per spectrum, and a page.
    plot : Path or None
        A picture, or a folder for all of them.
    """

    json: Path | None
    csv: Path | None
    html: Path | None
    plot: Path | None


def run_evaluation(
    checkpoints: Sequence[Path | None],
    files: list[str],
    n_simulated: int,
    has_control: bool,
    selected: dict[str, Any],
    settings: SequencingSettings,
    written: Written,
) -> None:
    """Measure networks, print tables and write files.

    Parameters
    ----------
    checkpoints : sequence of Path or None
        The networks; None is the one that comes with denovo.
    files : list of str
        Annotated files, or patterns.
    n_simulated : int
        Simulated spectra.
    has_control : bool
        Whether all files are read once more with shuffled peaks.
    selected : dict
        Which spectra of the files are read: options of `measured_sets`.
    settings : SequencingSettings
        How they are sequenced.
    written : Written
        The files to write.

    Raises
    ------
    InputError
        If a file cannot be read or written, or is both.
    """
    _check_apart(expand(files), written)
    plot = written.plot
    with together(*written[:3], plot if plot and plot.suffix else None):
        evaluations: list[Evaluation] = []
        for name, model, known in _networks(checkpoints):
            pipeline = settings.pipeline(model)
            found = _evaluate(
                (name, pipeline, model.config),
                partial(measured_sets, files, pipeline.vocabulary, **selected),
                partial(simulated_sets, pipeline.vocabulary, known, n_simulated, pipeline.n_peaks),
                has_control,
                next(iter(evaluations), None),
            )
            evaluations.append(found)
            assert found.census
            print_tables([*tables_of(found), *entry_tables(found.census)])
            for remark in found.remarks:
                print_text(f"{name}: {remark}")
        chosen = {"files": files, "simulated": n_simulated, **selected, **settings.as_text()}
        _write(evaluations, chosen, written)


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


def _check_apart(read: Sequence[Path], written: Written) -> None:
    inputs = {path.resolve() for path in read}
    for path in written:
        if path is not None and path.resolve() in inputs:
            raise InputError(f"{path} is both read and written; choose another output")


def _write(evaluations: Sequence[Evaluation], chosen: Mapping[str, Any], written: Written) -> None:
    if written.json:
        networks = {each.name: each.as_dict() for each in evaluations}
        write_text(written.json, as_json({"settings": chosen, "networks": networks}))
    if written.csv:
        write_text(written.csv, _as_csv(pd.concat([each.rows for each in evaluations])))
    if written.html:
        write_evaluation_report(written.html, evaluations, chosen)
    pictures = _pictures(evaluations, written.plot) if written.plot else {}
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
