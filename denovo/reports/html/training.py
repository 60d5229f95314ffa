"""Page of a training run: settings, tables and pictures in one file."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from denovo.errors import InputError
from denovo.io.files import write_text
from denovo.reports.criteria import criteria_tables
from denovo.reports.figures.gallery import (
    Picture,
    curve_pictures,
    example_picture,
    refinement_picture,
)
from denovo.reports.html.rendering import fill, inline
from denovo.reports.run_tables import example_table, stage_rows, stage_table, test_table
from denovo.reports.runs import Example, Run, read_examples, tripwires_of
from denovo.reports.runs.run import OVERRIDES, read_yaml
from denovo.reports.table import settings_table

REPORT = "report.html"
_SUMMARY = (
    *("spectra", "best_peptide_recall"),
    *("checkpoint", "versions", "store_hash"),
)
_SHOWN_SETTINGS = ("name", "seed", "loss_scale", "penalty", "ckpt_path", "scale")
_OF_ONE_START = ("group", "run_dir", "logger")
"""Settings that depend on the time and place of the start, which the page leaves out."""
_TARGETS = ("model", "loss", "curriculum", "optimizer", "decoder", "trainer")


def write_report(run: Run, output: str | Path | None = None) -> Path:
    """Write a run as a self-contained page; content of the run is escaped.

    The page holds no time and no place: a run that is repeated or resumed, in the same folder or in
    another, has the same page. Times are in ``summary.json`` and ``metrics.csv``.

    Parameters
    ----------
    run : Run
        Run that is finished, interrupted or still active.
    output : str, Path or None
        HTML file; ``report.html`` in the folder of the run if None.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If a file of the run is damaged, or the page cannot be written.
    """
    chosen = read_examples(run.path)
    config = {key: value for key, value in run.config.items() if key not in _OF_ONE_START}
    folder = str(run.config.get("run_dir", run.path))
    rows = stage_rows(run)
    page = fill(
        "report.html.j2",
        run=run,
        title=_title(run),
        summary=_within({key: run.summary.get(key) for key in _SUMMARY}, folder),
        n_steps=int(run.summary.get("steps", run.metrics["step"].max())),
        settings=settings_table(_settings(run.config)),
        config=json.dumps(_within(config, folder), indent=2, default=str),
        tripwires=tripwires_of(run),
        stages=stage_table(rows),
        criteria=criteria_tables(rows),
        test=test_table(run.summary.get("metrics", {})),
        curves=[inline(picture) for picture in curve_pictures(run)],
        chosen=chosen,
        examples=example_table(chosen.examples),
        spectra=[inline(example_picture(example)) for example in chosen.examples],
        refinements=[inline(picture) for picture in _refinements(chosen.examples)],
        command=_command(run),
    )
    path = Path(output) if output else run.path / REPORT
    write_text(path, page)
    return path


def _title(run: Run) -> str:
    """Name a run as its settings do, and a job of a sweep by its number too."""
    name, folder = str(run.config.get("name", run.name)), run.path.resolve().name
    return f"{name}, job {folder}" if folder.isdigit() else name


def _within(value: Any, folder: str) -> Any:
    """Write paths in plain values relative to the folder of the run."""
    if isinstance(value, Mapping):
        return {key: _within(entry, folder) for key, entry in value.items()}
    if isinstance(value, list):
        return [_within(entry, folder) for entry in value]
    if isinstance(value, str) and (value == folder or value.startswith(f"{folder}/")):
        return f".{value.removeprefix(folder)}"
    return value


def _refinements(examples: tuple[Example, ...]) -> Iterator[Picture]:
    """Yield the refinement of the first right and the first wrong answer."""
    for verdict in (True, False):
        picture = next(
            (refinement_picture(example) for example in examples if example.is_right == verdict),
            None,
        )
        if picture is not None:
            yield picture


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main settings, and the classes of the main objects."""
    nodes = {key: config.get(key) for key in _TARGETS}
    classes = {
        key: str(node["_target_"]).rsplit(".", 1)[-1]
        for key, node in nodes.items()
        if isinstance(node, Mapping) and "_target_" in node
    }
    return {key: config[key] for key in _SHOWN_SETTINGS if key in config} | classes


def _command(run: Run) -> str | None:
    """Return the command line of the run in a new folder, if its settings are stored."""
    overrides = run.path / OVERRIDES
    if not overrides.is_file():
        return None
    given = read_yaml(overrides)
    if not isinstance(given, list):
        raise InputError(f"{overrides} is damaged: it must list overrides, and does not")
    settings = (str(each) for each in given)
    return shlex.join(["denovo", "train", *(s for s in settings if not s.startswith("run_dir="))])
