"""Tables of a training run: stages, test, examples."""

from collections.abc import Mapping, Sequence
from typing import Any

from denovo.reports.figures_logged import ERROR_FIGURES, PRECURSOR_LOSS, Place, shown_in
from denovo.reports.runs import EXAMPLE_HEADINGS, Example, Run, stages_of
from denovo.reports.table import Table, text_of

_START = "precursor_loss_first"
_STEPWISE = "refinement_"
"""Prefix of the test figures of single refinement steps, which the table omits."""


def stage_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Make the table of the stages of a run.

    Parameters
    ----------
    rows : sequence of mapping
        One per stage, as `StageHistory.rows` returns them; missing figures stay empty.
    """
    labels = {"name": "stage", "end_step": "until"}
    for name, label in shown_in(Place.STAGES).items():
        is_precursor = name == PRECURSOR_LOSS
        labels |= {_START: f"{label}, start", name: f"{label}, end"} if is_precursor else {}
        labels.setdefault(name, label)
    shown = [name for name in labels if any(name in row for row in rows)]
    return Table(
        tuple(labels[name] for name in shown),
        tuple(tuple(text_of(row.get(name)) for name in shown) for row in rows),
        "Training by stage: losses on training batches, all other figures on validation spectra; "
        "errors are medians",
    )


def stage_rows(run: Run) -> list[dict[str, Any]]:
    """Return the figures of each stage from the summary, or from the curves of unfinished runs."""
    if run.summary.get("stages"):
        return run.summary["stages"]
    stages, last = stages_of(run), int(run.metrics["step"].max()) + 1
    ends = [*(stage.start for stage in stages[1:]), last]
    rows = []
    for stage, planned in zip(stages, ends, strict=True):
        end = min(planned, last)
        if stage.start >= last:
            break
        row: dict[str, Any] = {"stage": stage.number, "name": stage.name, "end_step": end}
        for name in dict.fromkeys([*shown_in(Place.STAGES), *ERROR_FIGURES]):
            # A validation after the last step of a stage is logged one step before its end.
            inside = run.curve(name).loc[stage.start : end - 1]
            if len(inside):
                row[name] = float(inside.iloc[-1])
        rows.append(row)
    return rows


def test_table(metrics: Mapping[str, Any]) -> Table:
    """Make the table of the test of the best checkpoint.

    Parameters
    ----------
    metrics : mapping of str to number
        Final metrics of a run; those named ``test.../...`` are shown, a column per test set.
    """
    tested = {key: value for key, value in metrics.items() if key.startswith("test")}
    sets = sorted({key.split("/")[0] for key in tested})
    names = dict.fromkeys(key.split("/")[1] for key in tested)
    rows = [
        (name, *(text_of(tested.get(f"{chosen}/{name}")) for chosen in sets))
        for name in names
        if not name.startswith(_STEPWISE)
    ]
    headings = ("figure", *(name.replace("_", " ") for name in sets))
    return Table(headings, tuple(rows), "Test of the best checkpoint on unseen peptides")


def example_table(examples: Sequence[Example]) -> Table:
    """Make the table of the example spectra."""
    forms = {"error (ppm)": "+,.1f", "log-probability": ".2f"}
    rows = [
        tuple(
            text_of(value, forms.get(heading, ""))
            for heading, value in zip(EXAMPLE_HEADINGS, example.row, strict=True)
        )
        for example in examples
    ]
    caption = "Answers; right and wrong by mass matching"
    return Table(EXAMPLE_HEADINGS, tuple(rows), caption, len(EXAMPLE_HEADINGS))
