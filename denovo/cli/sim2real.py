"""`denovo sim2real`: measure checkpoints on measured spectra, all filtered alike."""

import json
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table

from denovo.checkpoint import load_sequencer
from denovo.chemistry import Vocabulary
from denovo.cli.measured import RootedOption, check_named, is_named, measured_sets
from denovo.configuration import faults_as_sentences
from denovo.decoding import BeamDecoder, MassConstraint
from denovo.errors import InputError
from denovo.io import expand
from denovo.io.files import write_text
from denovo.sim2real import Selection, SetScore, score_sets


def sim2real(
    files: Annotated[list[str], typer.Argument(help="Measured spectra with peptides.")],
    checkpoint: Annotated[list[Path], typer.Option(help="Checkpoint; may be given repeatedly.")],
    rooted: RootedOption = None,
    once: Annotated[
        list[str] | None,
        typer.Option(help="Name of a file of which one spectrum per peptide and charge is read."),
    ] = None,
    beam_width: Annotated[int, typer.Option(help="Hypotheses kept.")] = 5,
    tolerance: Annotated[str, typer.Option(help="Of the precursor mass, as a law.")] = "20 ppm",
    output: Annotated[Path | None, typer.Option("--json", help="JSON file.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; all by default.")] = None,
) -> None:
    """Read measured spectra with one or several checkpoints, and tell how much is right."""
    with faults_as_sentences():
        if threads is not None:
            if threads < 1:
                raise InputError(f"--threads must be at least 1, got {threads}")
            torch.set_num_threads(threads)
        check_named(expand(files), once)
        decoder = BeamDecoder(beam_width, constraint=MassConstraint(tolerance))
        report = {}
        for path in checkpoint:
            sequencer, config = load_sequencer(path)
            vocabulary = sequencer.vocabulary
            assert isinstance(vocabulary, Vocabulary)
            sets = measured_sets(
                files,
                vocabulary,
                rooted,
                refuse=lambda file, vocabulary=vocabulary: Selection(
                    vocabulary, one_per_precursor=is_named(file, once)
                ),
            )
            scores, rows = score_sets(sequencer, sets, decoder, config["data"]["n_peaks"])
            report[str(path)] = {"sets": [s.as_dict() for s in scores], "spectra": rows}
            _print(str(path), scores)
        if output:
            write_text(output, json.dumps(report, indent=2) + "\n")


def _print(title: str, scores: list[SetScore]) -> None:
    table = Table("set", "spectra", "AA precision", "AA recall", "peptide recall", title=title)
    for score in scores:
        table.add_row(
            score.name,
            str(score.n_spectra),
            f"{score.aa_precision:.3f}",
            f"{score.aa_recall:.3f}",
            f"{score.peptide_recall:.3f} ± {score.standard_error:.3f}",
        )
    Console().print(table)
