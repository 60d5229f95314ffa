"""Conversion of predictions, and the lines that state what each file holds."""

from collections.abc import Sequence
from pathlib import Path

from denovo.choices import ExchangeFormat
from denovo.errors import InputError
from denovo.io.exchange import Output, Source, choose_formats, read_source, write_outputs
from denovo.io.predictions import check_apart, check_folder
from denovo.progress import progress_bar
from denovo.reports.table import print_text


def convert(
    predictions: Path, paths: Sequence[Path], formats: Sequence[ExchangeFormat], overwrite: bool
) -> None:
    """Convert a file of predictions, write all outputs or none, and print what they hold."""
    outputs = choose_formats(paths, formats)
    check_apart([predictions], paths)
    for path in paths:
        check_folder(path)
        if path.exists() and not overwrite:
            raise InputError(f"{path} exists; give --overwrite, or choose another --output")
    source = read_source(predictions)
    with progress_bar("predictions") as progress:
        task = progress.add_task("writing", total=len(outputs) * source.n_rows)
        write_outputs(source, outputs, lambda: progress.advance(task))
    _print(source, outputs)


def _print(source: Source, outputs: Sequence[Output]) -> None:
    n_without = source.n_rows - source.n_answers
    lines = [
        f"{source.n_rows:,} spectra: {source.n_answers:,} with a peptide, of these "
        f"{source.n_without_scan:,} without a scan number; {n_without:,} without a peptide"
    ]
    for path, name in outputs:
        is_every = name is ExchangeFormat.DENOVO
        n_spectra = source.n_rows if is_every else source.n_answers
        notes = [f"{name}: {n_spectra:,} spectra"]
        if not is_every and n_without:
            notes.append(f"left out: {n_without:,} without a peptide")
        if name is ExchangeFormat.PIN and source.n_without_scan:
            notes.append(f"place in the file for {source.n_without_scan:,} without a scan number")
        lines.append(f"written  {path}  ({'; '.join(notes)})")
    print_text("\n".join(lines))
