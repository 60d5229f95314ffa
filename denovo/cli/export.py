"""`denovo export`: a checkpoint becomes two files that anyone can load without risk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from denovo.choices import Rescoring
from denovo.cli.common import progress_bar
from denovo.cli.sequencing_options import N_THREADS, ThreadsOption, use_threads
from denovo.errors import exit_with_message


def export(
    checkpoint: Annotated[
        list[Path],
        typer.Argument(help="Checkpoint that train.py wrote, or one of each direction."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="Weights, .safetensors; beside the checkpoint's folder by default."),
    ] = None,
    calibration_spectra: Annotated[
        int, typer.Option(help="Simulated spectra to fit probabilities to; 0: no probabilities.")
    ] = 3000,
    rescoring: Annotated[
        Rescoring, typer.Option(help="The most that the network is fitted to be rescored by.")
    ] = Rescoring.FULL,
    threads: ThreadsOption = N_THREADS,
) -> None:
    """Fit the probabilities of a network, or of two, and write .safetensors and .json."""
    with exit_with_message():
        use_threads(threads)
        from denovo.sequencing.export import EXPORTED, export_checkpoint

        first, *others = checkpoint
        path = output or first.parent.parent / EXPORTED
        with progress_bar("batches") as progress:
            task = progress.add_task("calibrating", total=None)
            model = export_checkpoint(
                first,
                path,
                calibration_spectra,
                lambda done, total: progress.update(task, completed=done, total=total, n_done=done),
                others=others,
                rescoring=rescoring,
            )
        _print_summary(path, model.calibrations, model.rerankers)


def _print_summary(
    path: Path, calibrations: Mapping[str, Any], rerankers: Mapping[str, Any]
) -> None:
    console = Console()
    if calibrations:
        table = Table("answers by", "right", "calibration error", "Brier score", "held-out answers")
        fitted = [*calibrations.items()]
        fitted += [(f"rescoring {kind}", state) for kind, state in rerankers.items()]
        for name, state in fitted:
            record = state["record"]
            table.add_row(
                name,
                f"{record['share_right']:.3f}",
                f"{record['expected_calibration_error']:.3f}",
                f"{record['brier_score']:.3f}",
                str(record["n_held_out"]),
            )
        console.print(table)
    console.print(f"network      {path}\ndescription  {path.with_suffix('.json')}", soft_wrap=True)
