"""What is left of a comparison of runs: tables on the console, a CSV file, a picture."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from denovo.errors import spared
from denovo.figures.comparison import draw_comparison
from denovo.figures.reenactment import draw_reenactment
from denovo.io.files import atomic_path, write_text
from denovo.runs.comparison import COSTS, average_over_seeds, compare
from denovo.runs.jobs import Job
from denovo.runs.reenactment import reenact

_TITLES = {
    "test/peptide_recall": "test",
    "test_noisy/peptide_recall": "test noisy",
    "test/aa_recall": "test aa",
    "val/peptide_recall": "val",
    "val_noisy/peptide_recall": "val noisy",
    "val/aa_recall": "val aa",
    "val/soft_ppm_error_abs_median": "soft ppm",
    "val/ppm_error_abs_median": "ppm",
    "val/ppm_within_10": "<=10",
    "train/ppm_error_median": "train ppm",
    "spectra_per_second": "/s",
}
"""Figures and their headings, short enough for a terminal."""
_CAPTION = (
    "test, val: recall of peptides; aa: of residues. ppm: median on validation spectra, soft (of the "
    "expected mass) and decoded; <=10: share within 10 ppm; train ppm: soft, at the end."
)
REENACTMENT = "reenactment"


def write_comparison(
    jobs: Sequence[Job],
    folder: str | Path | None = None,
    csv: str | Path | None = None,
    plot: str | Path | None = None,
    drawing: str = "jobs",
) -> None:
    """Print tables of jobs, and write what is asked for.

    Parameters
    ----------
    jobs : sequence of Job
        What to compare.
    folder : str or Path or None
        Folder for ``comparison.csv`` and ``comparison.png``, and with ``drawing="reenactment"``
        for ``reenactment.csv`` and ``reenactment.png``.
    csv, plot : str or Path or None
        Single files instead; the ending of the picture chooses its format.
    drawing : str
        ``jobs`` for learning curves and final figures, ``reenactment`` for what happens after a
        loss is switched on.
    """
    table = compare(jobs)
    console = Console()
    console.print(comparison_table(table))
    for _, row in table[table["failure"] != ""].iterrows():
        console.print(f"job {row['job']} failed: {row['failure']}", markup=False, soft_wrap=True)
    means = average_over_seeds(table)
    if not means.empty:
        console.print(seeds_table(means, [n for n in table.attrs["settings"] if n in means]))
    is_reenactment = drawing == REENACTMENT
    if folder:
        folder = Path(folder)
        _write_table(folder / "comparison.csv", table)
        _write_plot(folder / "comparison.png", jobs, is_reenactment=False)
        if is_reenactment:
            csv, plot = folder / "reenactment.csv", folder / "reenactment.png"
    if is_reenactment:
        table = reenact(jobs)
        console.print(_plain_table(table, "Steps from switch-on until the error is under a bound"))
    if csv:
        _write_table(Path(csv), table)
    if plot:
        _write_plot(Path(plot), jobs, is_reenactment)


def comparison_table(table: pd.DataFrame) -> Table:
    """Lay the result of `compare` out for a console, without figures that no job has."""
    hidden = ("failure",)
    shown = table.drop(columns=[n for n in table if n in hidden or _is_unused(table, str(n))])
    return _plain_table(shown, "Jobs", _CAPTION)


def seeds_table(means: pd.DataFrame, settings: Sequence[str]) -> Table:
    """Lay the result of `average_over_seeds` out for a console: mean, and least to largest."""
    shown = means[[*settings, "jobs"]].copy()
    for name in _TITLES:
        if f"{name}_min" in means and means[name].notna().any():
            shown[name] = [
                f"{_text(mean)} ({_text(low)}-{_text(high)})"
                for mean, low, high in zip(
                    means[name], means[f"{name}_min"], means[f"{name}_max"], strict=True
                )
            ]
    return _plain_table(shown, "Means over seeds (least-largest)")


def _is_unused(table: pd.DataFrame, name: str) -> bool:
    return (name in _TITLES or name in COSTS) and bool(table[name].isna().all())


def _plain_table(frame: pd.DataFrame, title: str, caption: str | None = None) -> Table:
    table = Table(title=title, caption=caption, padding=(0, 0))
    for name in map(str, frame.columns):
        left = name in ("job", "state")
        table.add_column(_TITLES.get(name, name), justify="left" if left else "right")
    for row in frame.itertuples(index=False):
        table.add_row(*map(_text, row))
    return table


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return "" if value is None else str(value)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    write_text(path, table.to_csv(index=False))
    Console().print(f"table    {path}", soft_wrap=True)


def _write_plot(path: Path, jobs: Sequence[Job], is_reenactment: bool) -> None:
    with spared(f"the picture {path}"):
        figure = draw_reenactment(jobs) if is_reenactment else draw_comparison(jobs)
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format=path.suffix.removeprefix("."))
        Console().print(f"picture  {path}", soft_wrap=True)
