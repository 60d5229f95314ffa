"""Tables of a run as rows of text."""

from collections.abc import Mapping, Sequence
from typing import Any

from denovo.reports.runs import EXAMPLE_HEADINGS, Example, Run, stages_of
from denovo.reports.table import Table

_STAGE_FIGURES = {
    "train/loss_token": "token loss",
    "precursor_loss_first": "mass loss, start",
    "train/precursor_loss": "mass loss, end",
    "val/soft_ppm_error_abs_median": "soft error (ppm)",
    "val/ppm_error_abs_median": "decoded error (ppm)",
    "val/ppm_within_10": "within 10 ppm",
    "val/peptide_recall": "recall, clean",
    "val_noisy/peptide_recall": "recall, noisy",
}
_DETAIL = "refinement_"
"""How the names of figures begin that there is one of for every refinement step."""
_EXAMPLE_FORMS = {"error (ppm)": "{:+,.1f}", "log-probability": "{:.2f}"}
_TESTED = {"test": "clean", "test_noisy": "noisy"}


def stage_table(run: Run) -> Table:
    """Tell what every stage did.

    Parameters
    ----------
    run : Run
        The run; one that did not end well has no summary, and its stages are read from the curves.

    Returns
    -------
    Table
        A row per stage.
    """
    rows = run.summary.get("stages") or _stages_from_curves(run)
    shown = [key for key in _STAGE_FIGURES if any(key in row for row in rows)]
    headings = ("stage", "until step", *(_STAGE_FIGURES[key] for key in shown))
    body = [
        (str(row["name"]), str(row["end_step"]), *(_text(row.get(key)) for key in shown))
        for row in rows
    ]
    return Table(headings, tuple(body))


def test_table(summary: Mapping[str, Any]) -> Table:
    """Tell how the best checkpoint did in the test.

    Parameters
    ----------
    summary : mapping
        Content of ``summary.json``, empty if there is none.

    Returns
    -------
    Table
        A row per figure, a column per evaluation set; no rows without a test.
    """
    metrics = summary.get("metrics", {})
    sets = [name for name in _TESTED if any(key.startswith(f"{name}/") for key in metrics)]
    names = [key.split("/")[1] for key in metrics if key.startswith("test/")]
    names = [name for name in names if not name.startswith(_DETAIL)]
    rows = [(name, *(_text(metrics.get(f"{chosen}/{name}")) for chosen in sets)) for name in names]
    return Table(("figure", *(_TESTED[name] for name in sets)), tuple(rows))


def example_table(examples: Sequence[Example]) -> Table:
    """List the examples."""
    forms = [_EXAMPLE_FORMS.get(heading, "{}") for heading in EXAMPLE_HEADINGS]
    rows = [
        tuple(form.format(value) for form, value in zip(forms, example.row, strict=True))
        for example in examples
    ]
    return Table(EXAMPLE_HEADINGS, tuple(rows))


def _stages_from_curves(run: Run) -> list[dict[str, Any]]:
    stages, last = stages_of(run), int(run.metrics["step"].max()) + 1
    ends = [*(stage.start for stage in stages[1:]), last]
    rows = []
    for stage, planned in zip(stages, ends, strict=True):
        end = min(planned, last)
        if stage.start >= last:
            break
        row: dict[str, Any] = {"name": stage.name, "end_step": end}
        for name in _STAGE_FIGURES:
            # A validation after the last step of a stage is logged one step before its end.
            inside = run.curve(name).loc[stage.start : end - 1]
            if len(inside):
                row[name] = float(inside.iloc[-1])
        rows.append(row)
    return rows


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return "" if value is None else str(value)
