"""`denovo sequence`: files in, peptides out, every entry accounted for."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from denovo.cli.sequencing_options import (
    CHARGES,
    DECODER,
    DEFAULTS,
    ISOTOPE_ERRORS,
    N_THREADS,
    RESCORING,
    AlternativesOption,
    BatchSizeOption,
    BeamWidthOption,
    CandidatesOption,
    ChargesOption,
    CheckpointOption,
    DecoderOption,
    DeviceOption,
    FragmentToleranceOption,
    IntensityPowerOption,
    IsotopeErrorsOption,
    RescoringOption,
    ThreadsOption,
    ToleranceOption,
    sequencing_settings,
    use_threads,
)
from denovo.errors import exit_with_message


def sequence_command(
    files: Annotated[
        list[str],
        typer.Argument(help="Spectrum files or glob patterns, such as run.mzML or *.mgf.gz."),
    ],
    checkpoint: CheckpointOption = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(help="Predictions: .mztab, .csv, .tsv or .parquet; may be given repeatedly."),
    ] = None,
    rejected: Annotated[
        Path | None,
        typer.Option(help="CSV of what was not sequenced, and why; beside the output by default."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML page of the run.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace outputs that exist.")] = False,
    decoder: DecoderOption = DECODER,
    beam_width: BeamWidthOption = DEFAULTS.beam_width,
    tolerance: ToleranceOption = DEFAULTS.tolerance,
    isotope_errors: IsotopeErrorsOption = ISOTOPE_ERRORS,
    charges: ChargesOption = CHARGES,
    rescoring: RescoringOption = RESCORING,
    n_candidates: CandidatesOption = DEFAULTS.n_candidates,
    alternatives: AlternativesOption = DEFAULTS.alternatives,
    fragment_tolerance: FragmentToleranceOption = DEFAULTS.fragment_tolerance,
    intensity_power: IntensityPowerOption = DEFAULTS.intensity_power,
    batch_size: BatchSizeOption = DEFAULTS.batch_size,
    device: DeviceOption = DEFAULTS.device,
    threads: ThreadsOption = N_THREADS,
) -> None:
    """Read peptides out of measured spectra.

    Every entry becomes a row of the outputs, or a row of the rejected entries with its reason.
    """
    with exit_with_message():
        settings = sequencing_settings(
            decoder=decoder,
            beam_width=beam_width,
            tolerance=tolerance,
            isotope_errors=isotope_errors,
            charges=charges,
            batch_size=batch_size,
            intensity_power=intensity_power,
            fragment_tolerance=fragment_tolerance,
            alternatives=alternatives,
            rescoring=rescoring,
            n_candidates=n_candidates,
            device=device,
        )
        use_threads(threads)
        from denovo.cli.sequencing_run import Written, run_sequencing
        from denovo.io import expand
        from denovo.reports.table import print_tables
        from denovo.sequencing.networks import load_model

        paths = expand(files)
        outputs = output or [Path(f"{paths[0].name.split('.')[0]}.mztab")]
        rejected = rejected or outputs[0].with_suffix(".rejected.csv")
        written = Written(outputs, rejected, report)
        with written.held(paths, overwrite):
            model = load_model(checkpoint)
            pipeline = settings.pipeline(model)
            described = {"checkpoint": str(model.path), **settings.as_text()}
            outcome = run_sequencing(pipeline, paths, written, described)
        # Only now: a reader of standard output that goes away must not cost the files.
        console = Console()
        print_tables(outcome.summary, console)
        for path in written.all:
            console.print(f"written  {path}", soft_wrap=True, highlight=False, markup=False)
        if outcome.status:
            Console(stderr=True).print("interrupted: what had been sequenced is written")
            raise typer.Exit(outcome.status)
