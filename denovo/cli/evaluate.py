"""`denovo evaluate`: measure a checkpoint on annotated spectra."""

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table

from denovo.checkpoint import load_sequencer
from denovo.configuration import faults_as_sentences
from denovo.data import AnnotatedSpectra
from denovo.decoding import BeamDecoder
from denovo.errors import InputError
from denovo.evaluate import evaluate
from denovo.io.files import write_text

MEASURED = (
    "n_spectra",
    "aa_precision",
    "aa_recall",
    "peptide_precision",
    "peptide_recall",
    "ppm_error_abs_median",
    "ppm_within_10",
    "spectra_per_second",
)


class Unsupported(StrEnum):
    """What to do with annotations that the alphabet of the checkpoint cannot write."""

    ERROR = "error"
    SKIP = "skip"


def evaluate_command(
    files: Annotated[list[Path], typer.Argument(help="Annotated MGF files, SEQ= in ProForma.")],
    checkpoint: Annotated[Path, typer.Option(help="Checkpoint that train.py wrote.")],
    output: Annotated[Path | None, typer.Option(help="JSON file for the figures.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="CSV file, a row per spectrum.")] = None,
    beam_width: Annotated[int, typer.Option(help="Hypotheses kept; 1 is greedy.")] = 1,
    unsupported: Annotated[
        Unsupported, typer.Option(help="Peptides outside the alphabet: stop, or leave out.")
    ] = Unsupported.ERROR,
    intensity_power: Annotated[
        float, typer.Option(help="2 undoes a square root stored in the files.")
    ] = 1.0,
    threads: Annotated[int | None, typer.Option(help="CPU threads; all by default.")] = None,
) -> None:
    """Measure a checkpoint on annotated spectra."""
    with faults_as_sentences():
        if threads is not None:
            if threads < 1:
                raise InputError(f"--threads must be at least 1, got {threads}")
            torch.set_num_threads(threads)
        sequencer, config = load_sequencer(checkpoint)
        source = AnnotatedSpectra(
            list(files),
            sequencer.vocabulary,  # pyright: ignore[reportArgumentType]
            max_peaks=config["data"]["n_peaks"],
            unsupported=unsupported.value,
            intensity_power=intensity_power,
        )
        figures, rows = evaluate(
            sequencer, source, BeamDecoder(beam_width), config["data"]["n_peaks"]
        )
        report: dict[str, object] = {key: figures[key] for key in MEASURED}
        report |= {key: value for key, value in figures.items() if key not in report}
        report["n_skipped"] = len(source.skipped)
        report["skipped"] = [{"title": t, "reason": r} for t, r in source.skipped]
        if output:
            write_text(output, json.dumps(report, indent=2) + "\n")
        if predictions:
            _write_rows(predictions, rows)
        _print_figures(report)


def _write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _print_figures(report: dict[str, object]) -> None:
    table = Table("figure", "value")
    for key in (*MEASURED, "n_skipped"):
        value = report[key]
        table.add_row(key, f"{value:.4g}" if isinstance(value, float) else str(value))
    Console().print(table)
