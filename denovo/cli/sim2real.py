"""`denovo sim2real`: measure checkpoints on measured spectra, all filtered alike."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from denovo.checkpoint import load_model
from denovo.cli.measured import RootedOption, check_named, is_named, measured_sets
from denovo.cli.sequencing_options import (
    DEFAULTS,
    RESCORING,
    BeamWidthOption,
    CandidatesOption,
    RescoringOption,
    ThreadsOption,
    use_threads,
)
from denovo.configuration import faults_as_sentences
from denovo.io import expand
from denovo.io.files import write_text
from denovo.sequencing import SequencingSettings
from denovo.sim2real import Selection, SetScore, score_sets


def sim2real(
    files: Annotated[list[str], typer.Argument(help="Measured spectra with peptides.")],
    checkpoint: Annotated[list[Path], typer.Option(help="Checkpoint; may be given repeatedly.")],
    rooted: RootedOption = None,
    once: Annotated[
        list[str] | None,
        typer.Option(help="Name of a file of which one spectrum per peptide and charge is read."),
    ] = None,
    beam_width: BeamWidthOption = DEFAULTS.beam_width,
    tolerance: Annotated[str, typer.Option(help="Of the precursor mass, as a law.")] = "20 ppm",
    rescoring: RescoringOption = RESCORING,
    candidates: CandidatesOption = DEFAULTS.candidates,
    output: Annotated[Path | None, typer.Option("--json", help="JSON file.")] = None,
    threads: ThreadsOption = None,
) -> None:
    """Read measured spectra with one or several checkpoints, and tell how much is right."""
    with faults_as_sentences():
        use_threads(threads)
        check_named(expand(files), once)
        settings = SequencingSettings(
            beam_width=beam_width, tolerance=tolerance, rescoring=rescoring, candidates=candidates
        )
        report = {}
        for path in checkpoint:
            pipeline = settings.pipeline(load_model(path))
            vocabulary = pipeline.vocabulary
            sets = measured_sets(
                files,
                vocabulary,
                rooted,
                refuse=lambda file, vocabulary=vocabulary: Selection(
                    vocabulary, one_per_precursor=is_named(file, once)
                ),
            )
            scores, rows = score_sets(pipeline, sets)
            report[str(path)] = {"sets": [s.as_dict() for s in scores], "spectra": rows}
            _print(str(path), scores)
        if output:
            write_text(output, json.dumps(report, indent=2) + "\n")


def _print(title: str, scores: list[SetScore]) -> None:
    columns = "set", "spectra", "AA precision", "AA recall", "peptide recall", "spectra / CPU s"
    table = Table(*columns, title=title)
    for score in scores:
        table.add_row(
            score.name,
            str(score.n_spectra),
            f"{score.aa_precision:.3f}",
            f"{score.aa_recall:.3f}",
            f"{score.peptide_recall:.3f} ± {score.standard_error:.3f}",
            f"{score.n_spectra / max(score.cpu_seconds, 1e-9):.0f}",
        )
    Console().print(table)
