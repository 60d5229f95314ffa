"""`denovo export`: a checkpoint becomes two files that anyone can load without risk."""

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table

from denovo.checkpoint import TrainedModel
from denovo.cli.progress import progress_bar
from denovo.configuration import faults_as_sentences
from denovo.errors import InputError
from denovo.export import EXPORTED, export_checkpoint


def export(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint that train.py wrote.")],
    output: Annotated[
        Path | None,
        typer.Option(help="Weights, .safetensors; beside the checkpoint's folder by default."),
    ] = None,
    calibration_spectra: Annotated[
        int, typer.Option(help="Simulated spectra to fit probabilities to; 0: no probabilities.")
    ] = 3000,
    threads: Annotated[int | None, typer.Option(help="CPU threads; all by default.")] = None,
) -> None:
    """Fit the probabilities of a network, and write it as .safetensors and .json."""
    with faults_as_sentences():
        if threads is not None:
            if threads < 1:
                raise InputError(f"--threads must be at least 1, got {threads}")
            torch.set_num_threads(threads)
        path = output or checkpoint.parent.parent / EXPORTED
        with progress_bar("batches") as progress:
            task = progress.add_task("calibrating", total=None)
            model = export_checkpoint(
                checkpoint,
                path,
                calibration_spectra,
                lambda done, total: progress.update(task, completed=done, total=total, n_done=done),
            )
        _print_summary(path, model)


def _print_summary(path: Path, model: TrainedModel) -> None:
    console = Console()
    if model.calibrations:
        table = Table("decoder", "right", "calibration error", "Brier score", "held-out answers")
        for kind, state in model.calibrations.items():
            record = state["record"]
            table.add_row(
                kind,
                f"{record['share_right']:.3f}",
                f"{record['expected_calibration_error']:.3f}",
                f"{record['brier_score']:.3f}",
                str(record["n_held_out"]),
            )
        console.print(table)
    console.print(f"network      {path}\ndescription  {path.with_suffix('.json')}", soft_wrap=True)
