"""Learning curves of several jobs, and their final recall over a setting."""

from collections.abc import Sequence
from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.reports.figures.curves import mark_stages
from denovo.reports.figures.style import COLOURS, label_powers, new_figure
from denovo.reports.figures_logged import RECALL, TRAINING_ERROR
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.run import curve_with_shared_start, running_median
from denovo.reports.runs.sweep_table import SEED, compare, labels_of


def draw_comparison(jobs: Sequence[Job]) -> Figure:
    """Draw recall and mass error over the steps, and the final recall over a numeric setting.

    Jobs without metrics are left out; jobs that differ only in the seed share a colour.
    """
    shown = [job for job in jobs if job.run is not None]
    table = compare(shown) if shown else pd.DataFrame()
    setting = numeric_setting(table) if shown else None
    with new_figure(7.2 if setting is None else 10.4, 3.4) as figure:
        panels = figure.subplots(1, 2 if setting is None else 3)
        _draw_curves(panels[0], panels[1], shown)
        if setting is not None:
            draw_setting(panels[2], table, setting)
    return figure


def numeric_setting(table: pd.DataFrame) -> str | None:
    """Return the numeric setting with the most values, without the seed; None if all are equal."""
    counts = {
        name: table[name].nunique()
        for name in table.attrs["settings"]
        if name != SEED and pd.api.types.is_numeric_dtype(table[name])
    }
    most = max(counts, key=lambda name: counts[name], default=None)
    return most if most is not None and counts[most] > 1 else None


def draw_setting(axes: Axes, table: pd.DataFrame, setting: str) -> None:
    """Draw the final recall over a setting: mean and range over seeds, a line per combination."""
    others = [name for name in table.attrs["settings"] if name not in (SEED, setting)]
    labels = [", ".join(f"{n}={row[n]}" for n in others) for _, row in table.iterrows()]
    for colour, label in zip(cycle(COLOURS), dict.fromkeys(labels), strict=False):
        group = table.loc[[own == label for own in labels]]
        recall = group.groupby(setting)[RECALL].agg(["mean", "min", "max"])
        spread = (recall["mean"] - recall["min"], recall["max"] - recall["mean"])
        axes.errorbar(
            recall.index.to_numpy(), recall["mean"].to_numpy(),
            yerr=[side.to_numpy() for side in spread], fmt="o-", color=colour, capsize=3,
            markersize=4, label=label,
        )  # fmt: skip
    if table[setting].min() > 0 and table[setting].max() >= 10 * table[setting].min():
        axes.set_xscale("log")
        label_powers(axes.xaxis)
    axes.set_xlabel(setting)
    axes.set_ylabel("peptide recall at the end")
    axes.set_ylim(bottom=0)
    if others:
        axes.legend(fontsize=7.5)


def _draw_curves(upper: Axes, lower: Axes, jobs: Sequence[Job]) -> None:
    labels = labels_of(jobs) if jobs else []
    colours = dict(zip(dict.fromkeys(labels), cycle(COLOURS), strict=False))
    named: set[str] = set()
    for job, label in zip(jobs, labels, strict=True):
        assert job.run is not None
        colour, name = colours[label], "_" if label in named else label
        named.add(label)
        recall = curve_with_shared_start(job.run, RECALL)
        error = running_median(curve_with_shared_start(job.run, TRAINING_ERROR))
        upper.plot(recall.index, recall, "o-", markersize=3, color=colour, label=name)
        lower.plot(error.index, error, linewidth=1.0, color=colour, label=name)
    upper.set_ylim(-0.02, 1.02)
    upper.set_ylabel("peptide recall, clean validation")
    lower.set_yscale("log")
    label_powers(lower.yaxis)
    lower.set_ylabel("median soft error in training (ppm)")
    runs = [job.run for job in jobs if job.run is not None]
    for axes in (upper, lower):
        axes.set_xlabel("optimizer step")
        if runs:
            mark_stages(axes, max(runs, key=lambda run: run.metrics["step"].max()))
    if len(colours) > 1:
        lower.legend(fontsize=7.5)
