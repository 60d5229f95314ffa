"""What is left of a run: `summary.json`, and tables on the console."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import lightning as L
from rich.console import Console
from rich.table import Table

from denovo.callbacks import Pace, StageHistory
from denovo.data.datamodule import SourceSet
from denovo.io.files import write_text

_PACKAGES = ("denovo", "torch", "lightning", "hydra-core", "ms2pip", "pyteomics", "numpy")
_COLUMNS = {
    "stage": "stage",
    "name": "name",
    "end_step": "until step",
    "train/loss_token": "cross-entropy",
    "precursor_loss_first": "precursor loss, first",
    "train/precursor_loss": "last",
    "val/soft_ppm_error_abs_median": "soft ppm, median",
    "val/ppm_error_abs_median": "decoded ppm, median",
    "val/ppm_within_10": "within 10 ppm",
    "val/peptide_recall": "peptide recall, clean",
    "val_noisy/peptide_recall": "noisy",
}


def write_summary(
    run_dir: str | Path,
    trainer: L.Trainer,
    sources: SourceSet,
    history: StageHistory,
    pace: Pace,
    validation: Mapping[str, float],
    test: Sequence[Mapping[str, float]],
) -> None:
    """Write ``summary.json`` into the run folder and print a table per stage and of the test.

    Parameters
    ----------
    run_dir : str or Path
        Folder of the run.
    trainer : Trainer
        After fit and test.
    sources : SourceSet
        Where the spectra came from.
    history : StageHistory
        What happened stage by stage.
    pace : Pace
        How fast it went.
    validation : mapping of str to float
        Last logged figures of training and validation.
    test : sequence of mappings
        What ``Trainer.test`` returned, one mapping per evaluation set.
    """
    if not trainer.is_global_zero:
        return
    # Lightning appends the number of the loader to what was logged in the epoch end of several.
    tested = {
        key.split("/dataloader_idx")[0]: value for part in test for key, value in part.items()
    }
    best = trainer.checkpoint_callback
    summary = {
        "steps": trainer.global_step,
        "seconds": round(pace.seconds, 1),
        "spectra": pace.n_spectra,
        "spectra_per_second": round(pace.spectra_per_second, 1),
        "checkpoint": getattr(best, "best_model_path", None),
        "metrics": {**validation, **tested},
        "stages": history.rows(),
        "data": sources.provenance(),
        "store_hash": sources.provenance().get("store_hash"),
        "versions": {"python": platform.python_version()} | {p: version(p) for p in _PACKAGES},
    }
    path = Path(run_dir) / "summary.json"
    write_text(path, json.dumps(summary, indent=2, default=str) + "\n")
    console = Console()
    console.print(stage_table(history.rows()))
    console.print(test_table(tested))
    console.print(f"checkpoint  {summary['checkpoint']}\nsummary     {path}", soft_wrap=True)


def stage_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay the history out as a table, one row per stage.

    Parameters
    ----------
    rows : sequence of mappings
        As `StageHistory.rows` returns them; what is missing stays blank.

    Returns
    -------
    Table
        For a rich console.
    """
    table = Table(title="Training, stage by stage")
    columns = {key: title for key, title in _COLUMNS.items() if any(key in row for row in rows)}
    for title in columns.values():
        table.add_column(title, justify="left" if title == "name" else "right")
    for row in rows:
        table.add_row(*(_text(row.get(key)) for key in columns))
    return table


def test_table(figures: Mapping[str, float]) -> Table:
    """Lay the test figures out as a table, one column per evaluation set.

    Parameters
    ----------
    figures : mapping of str to float
        Named ``test/...`` and ``test_noisy/...``.

    Returns
    -------
    Table
        For a rich console.
    """
    sets = sorted({key.split("/")[0] for key in figures})
    names = list(dict.fromkeys(key.split("/", 1)[1] for key in figures))
    table = Table("", *sets, title="Test: peptides never seen")
    for name in names:
        table.add_row(name, *(_text(figures.get(f"{chosen}/{name}")) for chosen in sets))
    return table


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
