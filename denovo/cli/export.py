"""`denovo export`: write a checkpoint as two files that are safe to load."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from denovo.choices import Rescoring
from denovo.cli.sequencing_options import N_THREADS, ThreadsOption, use_threads
from denovo.errors import exit_with_message
from denovo.progress import progress_bar

if TYPE_CHECKING:
    from denovo.sequencing.networks import TrainedModel


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
                lambda done, total: progress.update(task, completed=done, total=total),
                others=others,
                rescoring=rescoring,
            )
        _print_summary(path, model)


def _print_summary(path: Path, model: "TrainedModel") -> None:
    from denovo.reports.table import Table, print_tables, print_text

    fitted = [*model.calibrations.items()]
    fitted += [(f"rescoring {kind}", state) for kind, state in model.rerankers.items()]
    if model.calibrations:
        rows = [
            (
                *(name, f"{record['share_right']:.3f}"),
                *(f"{record['expected_calibration_error']:.3f}", f"{record['brier_score']:.3f}"),
                str(record["n_held_out"]),
            )
            for name, record in ((name, state["record"]) for name, state in fitted)
        ]
        headings = ("answers by", "right", "calibration error", "Brier score", "held-out answers")
        print_tables([Table(headings, tuple(rows))])
    print_text(f"network      {path}\ndescription  {path.with_suffix('.json')}")
