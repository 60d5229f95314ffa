"""Summary of a finished run: `summary.json` and tables on the console."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from lightning.pytorch.callbacks import ModelCheckpoint

from denovo import __version__
from denovo.data.datamodule import SourceSet
from denovo.io.files import write_text
from denovo.reports.criteria import CRITERIA_FILE, criteria_tables
from denovo.reports.figures_logged import RECALL
from denovo.reports.run_tables import stage_table, test_table
from denovo.reports.runs.run import CONFIG, OVERRIDES, SUMMARY
from denovo.reports.table import print_tables, print_text
from denovo.training.callbacks import LastCheckpoint, Pace, StageHistory, callbacks_of
from denovo.training.configuration import command_line

_LIBRARIES = ("torch", "lightning", "hydra-core", "ms2pip", "pyteomics", "numpy")


def describe_training(trainer: L.Trainer, sources: SourceSet) -> dict[str, Any]:
    """Collect the figures of a finished training as plain values, before a test resets them."""
    data = sources.provenance()
    (history,), (pace,) = callbacks_of(trainer, StageHistory), callbacks_of(trainer, Pace)
    metrics = {}
    for last in callbacks_of(trainer, LastCheckpoint):
        metrics |= last.metrics  # logged before the run was resumed
    metrics |= {key: float(value) for key, value in trainer.callback_metrics.items()}
    best = trainer.checkpoint_callback
    assert isinstance(best, ModelCheckpoint)
    # Without a figure to choose by, the last network is the best one.
    score = best.best_model_score
    return {
        "steps": trainer.global_step,
        "seconds": round(pace.seconds, 1),
        "spectra": pace.n_spectra,
        "spectra_per_second": round(pace.spectra_per_second, 1),
        "checkpoint": best.best_model_path,
        "best_peptide_recall": float(metrics[RECALL] if score is None else score),
        "metrics": metrics,
        "stages": history.rows(),
        "data": data,
        "store_hash": data.get("store_hash"),
        "versions": {"python": platform.python_version(), "denovo": __version__}
        | {name: version(name) for name in _LIBRARIES},
    }


def write_config(run_dir: str | Path, config: Mapping[str, Any]) -> None:
    """Write the resolved configuration into the run folder, as ``config.yaml``.

    The settings of the command line are added where Hydra keeps them, which may be another folder.
    """
    write_text(Path(run_dir) / CONFIG, yaml.safe_dump(dict(config), sort_keys=False))
    given = command_line()
    if given is not None:
        write_text(Path(run_dir) / OVERRIDES, yaml.safe_dump(given))


def write_summary(
    run_dir: str | Path,
    training: Mapping[str, Any],
    test: Mapping[str, Any],
    by_length: Mapping[str, Sequence[Mapping[str, float | int]]],
) -> None:
    """Write ``summary.json`` into the run folder and print a table per stage and of the test.

    ``training`` is the result of `describe_training`, ``test`` has the figures ``test/...`` and
    ``test_noisy/...``, ``by_length`` has a row per peptide length for each evaluation set.
    """
    tested = {key: float(value) for key, value in test.items() if key.startswith("test")}
    summary = {
        **training,
        "metrics": {**training["metrics"], **tested},
        "by_length": {name: list(rows) for name, rows in by_length.items()},
    }
    if tables := criteria_tables(summary["stages"]):
        text = "\n".join(table.markdown() for table in tables)
        write_text(Path(run_dir) / CRITERIA_FILE, text)
    write_text(Path(run_dir) / SUMMARY, json.dumps(summary, indent=2, default=str) + "\n")
    print_summary(run_dir, summary)


def print_summary(run_dir: str | Path, summary: Mapping[str, Any]) -> None:
    """Print the tables of a summary, and the paths of its files."""
    tables = [stage_table(summary["stages"]), test_table(summary["metrics"])]
    files = {"checkpoint": summary["checkpoint"], "summary": Path(run_dir) / SUMMARY}
    if criteria := criteria_tables(summary["stages"]):
        tables.append(criteria[0])
        files["criteria"] = Path(run_dir) / CRITERIA_FILE
    print_tables(tables)
    for name, path in files.items():
        print_text(f"{name:12}{path}")
