"""What is left of a comparison of runs: tables on the console, a CSV file, a picture."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from denovo.errors import InputError, best_effort
from denovo.io import together, write_text
from denovo.reports.figures.gallery import write_picture
from denovo.reports.figures.reenactment import draw_reenactment
from denovo.reports.figures.sweep import draw_comparison
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.reenactment import BOUNDS_PPM, reenact
from denovo.reports.runs.sweep_table import average_over_seeds, compare, job_names

_RECALL = {
    "test/peptide_recall": "test",
    "test_noisy/peptide_recall": "test noisy",
    "test/aa_recall": "test aa",
    "val/peptide_recall": "val",
    "val_noisy/peptide_recall": "val noisy",
    "val/aa_recall": "val aa",
}
_MASS = {
    "val/soft_ppm_error_abs_median": "soft ppm",
    "val/ppm_error_abs_median": "ppm",
    "val/ppm_within_10": "<=10 ppm",
    "train/ppm_error_median": "train ppm",
    "steps": "steps",
    "seconds": "s",
    "spectra_per_second": "spectra/s",
}
_RECALL_CAPTION = "Recall of peptides, and of residues (aa), on clean and noisy spectra."
_MASS_CAPTION = (
    "Medians on clean validation spectra, soft (of the expected mass) and decoded; train: soft, at "
    "the end of training."
)
_REENACTMENT = {
    "ppm_at_switch": "ppm before",
    **{f"under_{bound}": f"<{bound:,}" for bound in BOUNDS_PPM},
    "ppm_lowest": "lowest",
    "ppm_end": "end",
}
REENACTMENT = "reenactment"


def write_comparison(
    jobs: Sequence[Job],
    csv: str | Path | None = None,
    plot: str | Path | None = None,
    drawing: str = "jobs",
) -> None:
    """Print tables of jobs, and write what is asked for.

    Parameters
    ----------
    jobs : sequence of Job
        What to compare.
    csv, plot : str or Path or None
        Files for the table and the picture; the ending of the picture chooses its format. There is
        no picture if no job has metrics.
    drawing : str
        ``jobs`` for learning curves and final figures, ``reenactment`` for what happens after a
        loss is switched on.

    Raises
    ------
    InputError
        If no job has logged anything and none says why, if a re-enactment is asked for and no job
        switches a loss on, or if a file cannot be written.
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
    console = Console()
    for part in printed:
        console.print(part)
    for name, job in zip(job_names(jobs), jobs, strict=True):
        if job.failure and drawing != REENACTMENT:
            console.print(f"job {name} failed: {job.failure}", markup=False, soft_wrap=True)
    if csv:
        console.print(f"table    {csv}", soft_wrap=True, markup=False)
    if has_picture:
        console.print(f"picture  {plot}", soft_wrap=True, markup=False)


def job_tables(table: pd.DataFrame) -> list[Table]:
    """Lay the result of `compare` out for a console."""
    keys = ["job", *table.attrs["settings"], "state"]
    tables = [_table(table, "Jobs: what is read", keys, _RECALL, _RECALL_CAPTION)]
    if any(_is_used(table[name].tolist()) for name in _MASS):
        tables.append(_table(table, "Jobs: masses and cost", keys, _MASS, _MASS_CAPTION))
    means = average_over_seeds(table)
    if means.empty:
        return tables
    keys = [*(name for name in table.attrs["settings"] if name in means), "jobs"]
    shown = means[keys].assign(
        **{
            name: [_spread(*values) for values in _with_ends(means, name)]
            for name in (*_RECALL, *_MASS)
            if name in means
        }
    )
    return [
        *tables,
        _table(shown, "Mean over seeds (least-largest)", keys, _RECALL),
        _table(shown, "Mean over seeds (least-largest)", keys, _MASS),
    ]


def reenactment_tables(table: pd.DataFrame) -> list[Table]:
    """Lay the result of `reenact` out for a console, as one table."""
    hidden = (*_REENACTMENT, "smoothing")
    keys = [str(name) for name in table if name not in hidden]
    caption = (
        f"Soft median error on training batches, as the median of {table['smoothing'].iloc[0]} "
        "logged points; steps from the switch until it is under so many ppm."
    )
    return [_table(table, "After the precursor loss came in", keys, _REENACTMENT, caption)]


def _with_ends(means: pd.DataFrame, name: str) -> Iterable[tuple[float, float, float]]:
    return zip(means[name], means[f"{name}_min"], means[f"{name}_max"], strict=True)


def _spread(mean: float, least: float, largest: float) -> str:
    return "" if pd.isna(mean) else f"{_text(mean)} ({_text(least)}-{_text(largest)})"


def _table(
    frame: pd.DataFrame,
    title: str,
    keys: Sequence[str],
    figures: Mapping[str, str],
    caption: str | None = None,
) -> Table:
    """Lay out key columns, and the figures that any row has."""
    shown = [name for name in figures if name in frame and _is_used(frame[name].tolist())]
    table = Table(title=title, caption=caption, padding=(0, 0))
    for name in keys:
        table.add_column(name, justify="left", overflow="fold")
    for name in shown:
        table.add_column(figures[name], justify="right")
    for _, row in frame.iterrows():
        table.add_row(*(_text(row[name]) for name in (*keys, *shown)))
    return table


def _is_used(values: Iterable[object]) -> bool:
    return any(_text(value) for value in values)


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return str(value)
