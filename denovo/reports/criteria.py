"""Success criteria of the design: precursor mass errors against their bounds, stage by stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from denovo.reports.figures_logged import ERROR_STATISTICS, ERRORS
from denovo.reports.table import Table, text_of

CRITERIA_FILE = "criteria.md"
"""Tables of this module in the folder of a run."""


@dataclass(frozen=True)
class Criterion:
    """An error in ppm that is to be undercut by the end of a stage; 0 for the last stage."""

    stage: int
    bound: float

    def title(self) -> str:
        """Return the heading of its column."""
        when = f"stage {self.stage}" if self.stage else "end"
        return f"{when}: < {self.bound:g} ppm"


CRITERIA = (Criterion(stage=3, bound=100.0), Criterion(stage=0, bound=10.0))
"""The two criteria of the design."""


def criteria_tables(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Make the table of the criteria, and one for each statistic with a row per stage.

    Parameters
    ----------
    rows : sequence of mapping
        One per stage, as `StageHistory.rows` returns them.

    Returns
    -------
    list of Table
        The criteria come first; a single stage, to which they do not apply, has one table of
        errors. Spectra whose errors were not logged are left out; without any there is no table.
    """
    logged = {key: prefix for key, prefix in ERRORS.items() if _has(rows, prefix)}
    if not logged:
        return []
    if len(rows) == 1:
        return [_errors(rows[0], logged)]
    return [_verdicts(rows, logged), *_courses(rows, logged)]


def _has(rows: Sequence[Mapping[str, Any]], prefix: str) -> bool:
    return any(f"{prefix}{name}" in row for row in rows for name in ERROR_STATISTICS)


def _verdicts(rows: Sequence[Mapping[str, Any]], logged: Mapping[tuple[str, str], str]) -> Table:
    reached = [(c, row) for c in CRITERIA if (row := _row_of(rows, c)) is not None]
    headings = ["spectra", "error", "figure"]
    for criterion, _ in reached:
        headings += [criterion.title(), ""]
    lines = []
    for (spectra, kind), prefix in logged.items():
        for name, label in ERROR_STATISTICS.items():
            line = [spectra, kind, label]
            for criterion, row in reached:
                value = row.get(f"{prefix}{name}")
                is_error = name.startswith("ppm_error")
                line += [text_of(value), _verdict(value, criterion.bound) if is_error else ""]
            lines.append(tuple(line))
    caption = (
        "Success criteria: precursor mass error by the end of a stage. One wrong residue is some "
        "34,000 ppm, so a mean below 10 ppm needs 99.97 % right residues"
    )
    return Table(tuple(headings), tuple(lines), caption, 3)


def _errors(row: Mapping[str, Any], logged: Mapping[tuple[str, str], str]) -> Table:
    lines = tuple(
        (*spectra, *(text_of(row.get(f"{prefix}{name}")) for name in ERROR_STATISTICS))
        for spectra, prefix in logged.items()
    )
    caption = (
        "Precursor mass error in ppm at the end of the only stage. The success criteria of the "
        "design are those of a curriculum of several stages, and do not apply"
    )
    return Table(("spectra", "error", *ERROR_STATISTICS.values()), lines, caption, 2)


def _row_of(rows: Sequence[Mapping[str, Any]], criterion: Criterion) -> Mapping[str, Any] | None:
    if not criterion.stage:
        return rows[-1]
    return next((row for row in rows if row.get("stage") == criterion.stage), None)


def _verdict(value: float | None, bound: float) -> str:
    if value is None or value != value:
        return ""
    return "met" if value < bound else "not met"


def _courses(
    rows: Sequence[Mapping[str, Any]], logged: Mapping[tuple[str, str], str]
) -> list[Table]:
    headings = ("stage", *(f"{spectra}, {kind}" for spectra, kind in logged))
    return [
        Table(
            headings,
            tuple(
                (
                    str(row["name"]),
                    *(text_of(row.get(f"{prefix}{name}")) for prefix in logged.values()),
                )
                for row in rows
            ),
            f"Precursor mass error by stage: {label}{_unit(name)}",
        )
        for name, label in ERROR_STATISTICS.items()
    ]


def _unit(name: str) -> str:
    return ", in ppm" if name.startswith("ppm_error") else ""
