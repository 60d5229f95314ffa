"""`denovo sequence`: read peptides out of measured spectra."""

from dataclasses import replace
from glob import glob
from os.path import getsize, isfile
from pathlib import Path
from typing import Annotated

import typer

from denovo.choices import DecoyKind, Engine
from denovo.cli.sequencing_options import (
    DASK_ADDRESS,
    NetworkOption,
    help_of,
    scheduler_of,
    with_sequencing_settings,
)
from denovo.errors import exit_with_message
from denovo.processes import check_cores, import_for_workers, n_cores
from denovo.sequencing.settings import PIPELINE_MODULES, SequencingSettings

_LONG = 2**20
"""Bytes of spectra that are likely to be more than one chunk."""

OutputOption = Annotated[
    list[Path] | None,
    typer.Option(help="Predictions: .mztab, .csv, .tsv or .parquet; may be repeated."),
]
RejectedOption = Annotated[
    Path | None,
    typer.Option(help="CSV of the entries that were not sequenced; next to the output by default."),
]
ReportOption = Annotated[Path | None, typer.Option(help="HTML page of the run.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")]


@with_sequencing_settings()
def sequence_command(
    files: Annotated[
        list[str],
        typer.Argument(help="Spectrum files or glob patterns, such as run.mzML or *.mgf.gz."),
    ],
    checkpoint: NetworkOption = None,
    output: OutputOption = None,
    rejected: RejectedOption = None,
    report: ReportOption = None,
    overwrite: OverwriteOption = False,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes on the CPU; all cores by default. Outputs do not depend on it."
        ),
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(help="Where to sequence: on this machine, or on the workers of Dask."),
    ] = Engine.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(
            help="HOST:PORT of the scheduler of Dask, which must be one that you trust; "
            f"{DASK_ADDRESS} by default."
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(help="Go on with a run of the same files and settings that was cut off."),
    ] = True,
    shard: Annotated[
        str,
        typer.Option(
            help="Sequence one part of the run, such as 3/8; denovo merge makes one result of all."
        ),
    ] = "1/1",
    proteome: Annotated[
        list[str] | None, typer.Option(help=f"{help_of('proteome')} May be repeated.")
    ] = None,
    enzyme: Annotated[str, typer.Option(help=help_of("enzyme"))] = SequencingSettings.enzyme,
    semi: Annotated[bool, typer.Option("--semi", help=help_of("semi"))] = False,
    novel_share: Annotated[float | None, typer.Option(help=help_of("novel_share"))] = None,
    decoys: Annotated[DecoyKind, typer.Option(help=help_of("decoys"))] = DecoyKind.REVERSED,
    dataset: Annotated[str, typer.Option(help=help_of("dataset"))] = "",
    *,
    settings: SequencingSettings,
) -> None:
    """Read peptides out of measured spectra.

    Every entry of the files becomes a row of the outputs, or a row of the rejected entries with its
    reason. A run that is cut off goes on where it stopped if the command is repeated.
    """
    with exit_with_message():
        settings = replace(
            settings,
            proteome=tuple(proteome or ()),
            enzyme=enzyme,
            semi=semi,
            novel_share=novel_share,
            decoys=decoys,
            dataset=dataset,
        )
        scheduler = scheduler_of(engine, address, workers)
        n_workers = n_cores() if workers is None else workers
        check_cores("--workers", n_workers)
        if scheduler is None and n_workers > 1 and _are_long(files):
            import_for_workers(*PIPELINE_MODULES)
        from denovo.cli.sequencing_run import Plan, Written, run_sequencing
        from denovo.io import expand
        from denovo.io.predictions import Shard
        from denovo.sequencing.workers import SequencingJob

        paths = expand(files)
        outputs = output or [Path(f"{paths[0].name.split('.')[0]}.mztab")]
        written = Written(outputs, rejected or outputs[0].with_suffix(".rejected.csv"), report)
        plan = Plan(n_workers, Shard.parse(shard), resume, scheduler)
        read = [*paths, *map(Path, settings.proteome), *([checkpoint] if checkpoint else [])]
        with written.held(read, overwrite, plan):
            outcome = run_sequencing(SequencingJob(checkpoint, settings), paths, written, plan)
        outcome.conclude()


def _are_long(files: list[str]) -> bool:
    """Guess whether workers are worth their start."""
    paths = [path for name in files for path in ([name] if isfile(name) else glob(name))]
    return sum(getsize(path) for path in paths if isfile(path)) > _LONG
