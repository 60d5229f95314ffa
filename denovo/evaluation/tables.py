"""What was measured, as tables of text for terminals and pages."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from denovo.evaluation.measurement import Measurement
from denovo.evaluation.set_scores import POOLED, SetScore, ranking_figures
from denovo.evaluation.sets import NOISY, Kind

_FIGURES = {"aa_precision": "AA precision", "aa_recall": "AA recall"}
_RECALL = "peptide recall"
GROUPED = {
    "silent_run": "longest silent run",
    "charge": "charge",
    "length": "residues",
}
"""Ways of grouping, and what they are called."""
_PRECISIONS = ("25%", "50%", "75%", "90%")
_ALL_SPECTRA, _ALL_PEPTIDES = "measured, all spectra", "measured, all peptides"
_MISSING = "-"


@dataclass(frozen=True)
class Table:
    """Headings and rows of text under a caption.

    Parameters
    ----------
    caption : str
        What is to be seen.
    headings : tuple of str
        One per column; the first holds words, the others numbers.
    rows : tuple of tuple of str
        As many cells as headings each.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(measurement: Measurement) -> Iterator[Table]:
    """Yield the tables of one contender: sets, groups, ranking, and the difference to the first."""
    yield _without_empty_columns(score_table(measurement))
    for table in group_tables(measurement):
        yield _without_empty_columns(table)
    yield ranking_table(measurement)
    if measurement.differences:
        yield difference_table(measurement)


def score_table(measurement: Measurement) -> Table:
    """Write a row per set; measured ones pooled over spectra and over peptides; the control."""
    rows = []
    for score in measurement.of(Kind.SIMULATED, Kind.MEASURED):
        listed, rate = score.figures["listed"], len(score.rows) / max(score.cpu_seconds, 1e-9)
        rows.append((label_of(score), *_cells(score.figures), _share(listed), f"{rate:.0f}"))
        if score.is_pooled:
            rows.append((_ALL_PEPTIDES, *_cells(score.by_peptide), "", ""))
    control = measurement.named(Kind.CONTROL, POOLED)
    if control is not None:
        rows.append((label_of(control), *_cells(control.figures), "", ""))
    headings = ("set", "spectra", "peptides", *_FIGURES.values(), _RECALL)
    return Table(
        f"{measurement.name}: share that is right, with 95 % intervals",
        (*headings, "truth listed", "spectra / CPU s"),
        tuple(rows),
    )


def group_tables(measurement: Measurement) -> Iterator[Table]:
    """Write a table for each way of grouping: measured spectra, beside them simulated ones."""
    measured = measurement.named(Kind.MEASURED, POOLED)
    simulated = measurement.named(Kind.SIMULATED, NOISY)
    if measured is None:
        return
    groups = [score.breakdown for score in (measured, simulated) if score]
    for name, label in GROUPED.items():
        columns = [{row["group"]: row for row in found[name]} for found in groups]
        names = dict.fromkeys(group for column in columns for group in column)
        rows = [
            (group, *(cell for column in columns for cell in _group_cells(column.get(group))))
            for group in sorted(names, key=_position)
        ]
        shown = ("spectra", _RECALL, "AA precision", "truth listed")
        kinds = ("measured", "simulated")[: len(groups)]
        headings = tuple(f"{kind}: {what}" for kind in kinds for what in shown)
        caption = f"{measurement.name}: by {label} of the true peptide"
        yield Table(caption, (label, *headings), tuple(rows))


def ranking_table(measurement: Measurement) -> Table:
    """Write what a threshold on the score buys, set by set."""
    rows = []
    for score in measurement.of(Kind.SIMULATED, Kind.MEASURED):
        found = ranking_figures(score.curve)
        at = [_share(found["precision_at"][share]) for share in _PRECISIONS]
        coverage = (_share(value) for value in found["coverage_at"].values())
        rows.append((label_of(score), _share(found["area"]), *at, *coverage))
    best = tuple(f"precision, best {share}" for share in _PRECISIONS)
    return Table(
        f"{measurement.name}: peptides ranked by their score",
        ("set", "area", *best, "coverage at 90%", "coverage at 95%"),
        tuple(rows),
    )


def difference_table(measurement: Measurement) -> Table:
    """Write by how much a contender is better than the first, peptide by peptide."""
    rows = []
    for found in measurement.differences:
        is_pooled = found["name"] == POOLED
        rows.append(_difference(_ALL_SPECTRA if is_pooled else found["name"], found))
        if is_pooled:
            rows.append(_difference(_ALL_PEPTIDES, found["by_peptide"]))
    headings = ("set", "spectra", *_FIGURES.values(), _RECALL, "95 % interval of the last")
    caption = f"{measurement.name}: difference to the first, paired, ± standard error"
    return Table(caption, headings, tuple(rows))


def _without_empty_columns(table: Table) -> Table:
    """Leave out what was measured of no set, such as lists where there are none."""
    columns = list(zip(table.headings, *table.rows, strict=True))
    kept = [column for column in columns if set(column[1:]) - {_MISSING, ""}]
    headings, *rows = zip(*kept, strict=True)
    return Table(table.caption, headings, tuple(rows))


def label_of(score: SetScore) -> str:
    """Name a set as tables and pictures do: that of its file, or what it is pooled over."""
    if score.kind is Kind.CONTROL:
        return "control: peaks exchanged"
    return _ALL_SPECTRA if score.is_pooled else score.name


def _difference(name: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    cells = [
        f"{found[figure]:+.3f} ± {found[f'{figure}_standard_error']:.3f}"
        for figure in (*_FIGURES, "peptide_recall")
    ]
    interval = f"{found['peptide_recall_low']:+.3f} to {found['peptide_recall_high']:+.3f}"
    return (name, f"{found['n_spectra']:,}", *cells, interval)


def _cells(figures: Mapping[str, Any]) -> tuple[str, ...]:
    shares = [_with_interval(figures, name) for name in (*_FIGURES, "peptide_recall")]
    return (f"{figures['n_spectra']:,}", f"{figures['n_peptides']:,}", *shares)


def _group_cells(row: Mapping[str, Any] | None) -> Sequence[str]:
    if row is None:
        return ("0", _MISSING, _MISSING, _MISSING)
    recall, precision = (_with_interval(row, name) for name in ("peptide_recall", "aa_precision"))
    return (f"{row['n_spectra']:,}", recall, precision, _share(row["listed"]))


def _with_interval(figures: Mapping[str, Any], name: str) -> str:
    low, high = figures[f"{name}_low"], figures[f"{name}_high"]
    interval = f" ({low:.3f}-{high:.3f})" if math.isfinite(low) else ""
    return f"{figures[name]:.3f}{interval}"


def _share(value: float | None) -> str:
    return _MISSING if value is None else f"{value:.3f}"


def _position(group: str) -> tuple[int, str]:
    """Order groups by the number they begin with; the one for all below it comes first."""
    number = group.split(" ")[0].rstrip("+")
    return (int(number) if number.isdigit() else -1, group)
