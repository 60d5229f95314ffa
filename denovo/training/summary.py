"""`summary.json` and `config.yaml` of a run, and its tables on the console."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from lightning.pytorch.callbacks import ModelCheckpoint
from rich.console import Console
from rich.table import Table

from denovo.data.datamodule import SourceSet
from denovo.io.files import write_text
from denovo.reports.runs.run import SUMMARY
from denovo.training.callbacks import Pace, StageHistory

_PACKAGES = ("denovo", "torch", "lightning", "hydra-core", "ms2pip", "pyteomics", "numpy")
_COLUMNS = {
    "name": "stage",
    "end_step": "until",
    "train/loss_token": "tokens",
    "precursor_loss_first": "mass",
    "train/precursor_loss": "end",
    "val/soft_ppm_error_abs_median": "soft ppm",
    "val/ppm_error_abs_median": "ppm",
    "val/ppm_within_10": "<=10",
    "val/peptide_recall": "recall",
    "val_noisy/peptide_recall": "noisy",
}
"""Figures of a stage and their headings, short enough for a terminal of 80 columns."""


def describe_training(
    trainer: L.Trainer,
    sources: SourceSet,
    history: StageHistory,
    pace: Pace,
    kept: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Collect the figures of a finished training as plain values, before a test resets them.

    ``kept`` holds the metrics that were logged before the run was resumed.
    """
    data = sources.provenance()
    metrics = {**(kept or {})}
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
        "best_peptide_recall": float(metrics["val/peptide_recall"] if score is None else score),
        "metrics": metrics,
        "stages": history.rows(),
        "data": data,
        "store_hash": data.get("store_hash"),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in _PACKAGES},
    }


def write_config(run_dir: str | Path, config: Mapping[str, Any]) -> None:
    """Write the resolved configuration into the run folder, as ``config.yaml``."""
    write_text(Path(run_dir) / "config.yaml", yaml.safe_dump(dict(config), sort_keys=False))


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
    write_text(Path(run_dir) / SUMMARY, json.dumps(summary, indent=2, default=str) + "\n")
    print_summary(run_dir, summary)


def print_summary(run_dir: str | Path, summary: Mapping[str, Any]) -> None:
    """Print the tables of a summary and the paths of its files."""
    console = Console()
    console.print(stage_table(summary["stages"]))
    metrics = summary["metrics"]
    console.print(test_table({k: v for k, v in metrics.items() if k.startswith("test")}))
    console.print(
        f"checkpoint  {summary['checkpoint']}\nsummary     {Path(run_dir) / SUMMARY}",
        soft_wrap=True,
    )


def stage_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Make a table of the history, one row per stage; missing figures stay blank."""
    table = Table(
        title="Training, stage by stage",
        caption="tokens, mass: losses on training batches, the latter at start and end of the "
        "stage. Others: on validation spectra, median errors in ppm, share within 10 ppm, recall.",
        padding=(0, 0),
    )
    columns = {key: title for key, title in _COLUMNS.items() if any(key in row for row in rows)}
    for title in columns.values():
        table.add_column(title, justify="left" if title == "stage" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(_text(row.get(key)) for key in columns))
    return table


def test_table(figures: Mapping[str, float]) -> Table:
    """Make a table of the test figures, one column per evaluation set."""
    sets = sorted({key.split("/")[0] for key in figures})
    names = list(dict.fromkeys(key.split("/", 1)[1] for key in figures))
    table = Table("", *sets, title="Test of the best checkpoint")
    for name in names:
        table.add_row(name, *(_text(figures.get(f"{chosen}/{name}")) for chosen in sets))
    return table


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)
