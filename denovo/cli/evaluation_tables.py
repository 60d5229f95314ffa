"""Tables that `denovo evaluate` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

MEASURED = (
    "n_spectra",
    "aa_precision",
    "aa_recall",
    "peptide_precision",
    "peptide_recall",
    "peptide_precision_coverage_area",
    "residue_precision_coverage_area",
    "ppm_error_abs_median",
    "ppm_within_10",
    "expected_calibration_error_equal_width",
    "expected_calibration_error_equal_mass",
    "brier_score",
    "n_infeasible",
    "n_outside_tolerance",
    "n_not_annotated",
    "n_skipped",
    "n_rejected",
    "spectra_per_second",
)


def print_evaluation(console: Console, figures: Mapping[str, Any]) -> None:
    """Print the figures of all spectra, of groups, and of the false discovery rate."""
    table = _table("figure", ">value", ">95 % interval")
    for name in MEASURED:
        low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
        table.add_row(name, _text(figures[name]), _interval(low, high))
    console.print(table)
    for name in [key for key in figures if key.startswith("by_")]:
        _print_groups(console, name.removeprefix("by_"), figures[name])
    if figures["false_discovery"]:
        _print_false_discovery(console, figures["false_discovery"])


def _print_groups(console: Console, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    table = _table(
        *(name.replace("_", " "), ">spectra", ">AA precision", ">AA recall", ">peptide recall"),
        ">95 % interval",
    )
    for row in rows:
        group = Path(row[name]).name if name == "file" else str(row[name])
        table.add_row(
            escape(group),
            f"{row['n_spectra']:,}",
            _text(row["aa_precision"]),
            _text(row["aa_recall"]),
            _text(row["peptide_recall"]),
            _interval(row["peptide_recall_low"], row["peptide_recall_high"]),
        )
    console.print(table)


def _print_false_discovery(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    table = _table(
        *(">q-value up to", ">answers", ">wrong, estimated", ">wrong, true", ">95 % interval")
    )
    for row in rows:
        interval = _interval(row["true_low"], row["true_high"]) if row["n_accepted"] else ""
        table.add_row(
            f"{row['level']:g}",
            f"{row['n_accepted']:,}",
            _text(row["estimated"]),
            _text(row["true"]),
            interval,
        )
    console.print(table)


def _table(*columns: str) -> Table:
    """Make a table; columns whose name starts with > hold numbers, flush right and never cut."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        is_number = column.startswith(">")
        table.add_column(
            column.removeprefix(">"),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    return table


def _text(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} - {high:.3f}"
