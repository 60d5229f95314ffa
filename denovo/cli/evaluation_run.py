"""Work of `denovo evaluate`: measure networks one after the other, and write files."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from denovo.choices import PICTURES
from denovo.cli.common import check_apart, progress_bar
from denovo.errors import InputError
from denovo.evaluation import (
    Evaluation,
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
from denovo.sequencing import SequencingSettings
from denovo.sequencing.networks import TrainedModel, load_model

_SHIPPED = "shipped"
"""Name of the network that comes with denovo."""


class Written(NamedTuple):
    """Files of an evaluation; ``plot`` is a picture, or a folder for all pictures."""

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

    A checkpoint of None is the network that comes with denovo; ``selected`` are the options of
    `measured_sets` that select spectra.
    """
    check_apart(expand(files), written)
    plot = written.plot
    with together(*written[:3], plot if plot and plot.suffix else None):
        evaluations: list[Evaluation] = []
        for name, model, known in _networks(checkpoints):
            pipeline = settings.pipeline(model)
            vocabulary, reference = pipeline.vocabulary, next(iter(evaluations), None)
            with progress_bar() as progress:
                task = progress.add_task("counting", total=None)
                count = partial(progress.advance, task)
                sets, census = measured_sets(files, vocabulary, **selected, on_entry=count)
                controls, notes = control_sets(sets, vocabulary) if has_control else ([], [])
                simulated = simulated_sets(vocabulary, known, n_simulated, pipeline.n_peaks)
                sets = [*simulated, *sets, *controls]
                n_spectra = sum(each.n_spectra for each in sets)
                progress.reset(task, description="sequencing", total=n_spectra)
                found = evaluate(
                    name, pipeline, sets, reference, model.config, census, notes, count
                )
            evaluations.append(found)
            print_tables([*tables_of(found), *entry_tables(census)])
            for remark in found.remarks:
                print_text(f"{name}: {remark}")
        chosen = {"files": files, "simulated": n_simulated, **selected, **settings.as_text()}
        _write(evaluations, chosen, written)


def _networks(
    checkpoints: Sequence[Path | None],
) -> list[tuple[str, TrainedModel, Mapping[str, Any]]]:
    """Load networks, each with its name and the configuration to simulate spectra with."""
    names = [str(path) if path else _SHIPPED for path in checkpoints]
    if len(set(names)) < len(names):
        raise InputError("a checkpoint is given twice; give each once")
    models = [load_model(path) for path in checkpoints]
    # A network not trained on simulated spectra reads those of the first that was.
    known = next((model.config for model in models if "curriculum" in model.config), {})
    return [
        (name, model, model.config if "curriculum" in model.config else known)
        for name, model in zip(names, models, strict=True)
    ]


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
    """Draw one picture, or all pictures of a folder; return them by path."""
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
