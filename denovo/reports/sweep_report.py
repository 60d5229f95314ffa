"""Comparison of runs: tables on the console, a CSV file, a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from denovo.errors import InputError, best_effort
from denovo.io import together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.reenactment import draw_reenactment
from denovo.reports.figures.sweep import draw_comparison
from denovo.reports.figures_logged import Place, shown_in
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.reenactment import BOUNDS_PPM, reenact
from denovo.reports.runs.reenactment import average_over_seeds as reenactment_means
from denovo.reports.runs.sweep_table import COSTS, average_over_seeds, compare, job_names
from denovo.reports.table import Table, print_tables, print_text, text_of

_RECALL = shown_in(Place.SWEEP_RECALL)
_COST = shown_in(Place.SWEEP_COST) | COSTS
_REENACTMENT = {
    "ppm_at_switch": "ppm before",
    **{f"under_{bound}": f"<{bound:,}" for bound in BOUNDS_PPM},
    "ppm_lowest": "lowest",
    "ppm_end": "end",
    "gradient_norm": "gradient norm",
    "gradient_share": "its share",
    "soft_ppm": "validation ppm",
    "aa_recall": "aa recall",
    "peptide_recall": "peptide recall",
}
REENACTMENT = "reenactment"


def write_comparison(
    jobs: Sequence[Job],
    csv: str | Path | None = None,
    plot: str | Path | None = None,
    drawing: str = "jobs",
) -> None:
    """Print the tables of jobs, and write a CSV file and a picture on request.

    Parameters
    ----------
    jobs : sequence of Job
        Jobs to compare.
    csv, plot : str or Path or None
        Files for the table and the picture; the suffix of the picture chooses its format. No
        picture is written if no job has metrics.
    drawing : str
        ``jobs`` for learning curves and final figures, ``reenactment`` for the course after a loss
        is switched on.

    Raises
    ------
    InputError
        If no job has logged anything or failed, if no job of a re-enactment switches a loss on, or
        if a file cannot be written.
    """
    if not any(job.run or job.failure for job in jobs):
        raise InputError(
            f"none of the {len(jobs)} jobs has logged anything, and none has failed; wait until "
            "one has trained for a logging interval"
        )
    table = reenact(jobs) if drawing == REENACTMENT else compare(jobs)
    printed = reenactment_tables(table) if drawing == REENACTMENT else job_tables(table)
    has_picture = False
    with together(csv, plot):
        if csv:
            write_text(csv, table.to_csv(index=False))
        if plot and any(job.run for job in jobs):
            with best_effort(f"the picture {plot}"):
                draw = draw_reenactment if drawing == REENACTMENT else draw_comparison
                write_picture(Path(plot), draw(jobs))
                has_picture = True
    print_tables(printed)
    for name, job in zip(job_names(jobs), jobs, strict=True):
        if job.failure and drawing != REENACTMENT:
            print_text(f"job {name} failed: {job.failure}")
    if csv:
        print_text(f"table    {csv}")
    if has_picture:
        print_text(f"picture  {plot}")


def job_tables(table: pd.DataFrame) -> list[Table]:
    """Make the tables of recall, of errors and costs, and of means over seeds if there are any."""
    settings = table.attrs["settings"]
    keys = ["job", *settings, "state"]
    recall = "Recall of peptides and residues (aa) on test and validation spectra"
    costs = "Errors (medians on validation spectra; train: at the end of training) and cost"
    tables = [_table(table, recall, keys, _RECALL), _table(table, costs, keys, _COST)]
    means = average_over_seeds(table)
    if not means.empty:
        for name in (name for name in (*_RECALL, *_COST) if name in means):
            ends = zip(means[name], means[f"{name}_min"], means[f"{name}_max"], strict=True)
            means[name] = [_with_range(*values) for values in ends]
        keys = [*(name for name in settings if name in means), "jobs"]
        caption = "Mean over seeds (smallest-largest)"
        tables += [_table(means, caption, keys, figures) for figures in (_RECALL, _COST)]
    return [each for each in tables if len(each.headings) > each.n_text] or tables[:1]


def reenactment_tables(table: pd.DataFrame) -> list[Table]:
    """Make the table of what `reenact` found."""
    keys = [str(name) for name in table if name not in (*_REENACTMENT, "smoothing")]
    caption = (
        f"After the precursor loss was switched on: median soft error on training batches (running "
        f"median of {table['smoothing'].iloc[0]} logged points), steps until it falls below each "
        "bound in ppm, gradient of the loss (median norm, its share of all norms), last clean "
        "validation"
    )
    tables = [_table(table, caption, keys, _REENACTMENT)]
    means = reenactment_means(table)
    if not means.empty:
        for name in (name for name in _REENACTMENT if name in means):
            pairs = zip(means[name], means[f"{name}_error"], strict=True)
            means[name] = [_with_error(*pair) for pair in pairs]
        keys = [str(name) for name in means if name not in _REENACTMENT]
        keys = [name for name in keys if not name.endswith("_error")]
        tables.append(_table(means, "Mean over seeds ± standard error", keys, _REENACTMENT))
    return tables


def _with_range(mean: float, smallest: float, largest: float) -> str:
    return "" if pd.isna(mean) else f"{text_of(mean)} ({text_of(smallest)}-{text_of(largest)})"


def _with_error(mean: float, error: float) -> str:
    return "" if pd.isna(mean) else f"{text_of(mean)} ± {text_of(error)}"


def _table(
    frame: pd.DataFrame, caption: str, keys: Sequence[str], figures: Mapping[str, str]
) -> Table:
    """Make a table of the key columns and the figures that any row has."""
    names = [*keys, *(name for name in figures if name in frame)]
    rows = [tuple(text_of(row[name]) for name in names) for _, row in frame.iterrows()]
    headings = tuple(figures.get(name, name) for name in names)
    table = Table(headings, tuple(rows), caption, len(keys))
    return table.without_empty_columns()
