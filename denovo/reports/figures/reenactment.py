"""Mass error, loss and gradients before and after the precursor loss is switched on."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.errors import InputError
from denovo.reports.figures.style import COLOURS, label_powers, new_figure, scale_down_to_zero
from denovo.reports.figures_logged import PRECURSOR_LOSS, RECALL
from denovo.reports.runs import Run
from denovo.reports.runs.jobs import Job
from denovo.reports.runs.reenactment import (
    BOUNDS_PPM,
    GRADIENT_NORM,
    GRADIENT_SHARE,
    LAST,
    PPM_ERROR,
    switch_steps,
)
from denovo.reports.runs.run import curve_with_shared_start, running_median
from denovo.reports.runs.sweep_table import labels_of

_PANELS = {
    PPM_ERROR: ("median soft error (ppm)", "log"),
    PRECURSOR_LOSS: ("precursor loss", "log"),
    GRADIENT_NORM: ("gradient norm of the\nprecursor loss", "symlog"),
    GRADIENT_SHARE: ("its share of all\ngradient norms", "linear"),
    LAST["soft_ppm"]: ("median soft error (ppm),\nclean validation", "log"),
    RECALL: ("peptide recall,\nclean validation", "linear"),
}
"""Panels from top to bottom, if logged; the norm needs an axis that shows exact zeros."""


def draw_reenactment(jobs: Sequence[Job]) -> Figure:
    """Draw the jobs of a re-enactment: thin lines are seeds, bold ones means over them.

    Means of training figures are smoothed. All panels but the first begin where the precursor loss
    is switched on.
    """
    shown = [job for job in jobs if job.run is not None]
    if not shown:
        raise InputError("no job has metrics, so there is nothing to draw")
    groups: dict[str, list[Run]] = {}
    for job, label in zip(shown, labels_of(shown), strict=True):
        assert job.run is not None
        groups.setdefault(label, []).append(job.run)
    runs = [run for members in groups.values() for run in members]
    switches = switch_steps(runs)
    names = [name for name in _PANELS if any(not run.curve(name).empty for run in runs)]
    with new_figure(7.2, 1.0 + 1.9 * max(len(names), 1)) as figure:
        panels = figure.subplots(len(names), sharex=True, squeeze=False)[:, 0] if names else []
        for axes, name in zip(panels, names, strict=True):
            _draw_panel(axes, name, groups, switches)
        for axes in panels[-1:]:
            axes.set_xlabel("optimizer step")
            panels[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3)
    return figure


def _draw_panel(
    axes: Axes, name: str, groups: dict[str, list[Run]], switches: dict[Path, int]
) -> None:
    least = []
    for colour, (label, runs) in zip(cycle(COLOURS), groups.items(), strict=False):
        curves = [_curve(run, name, switches[run.path]) for run in runs]
        for curve in curves:
            axes.plot(curve.index, curve, color=colour, linewidth=0.6, alpha=0.4)
            least += [curve[curve > 0].min()] if (curve > 0).any() else []
        mean = pd.Series(pd.DataFrame(dict(enumerate(curves))).agg("mean", axis=1))
        # Single batches are noisy, validations are not.
        mean = mean if name.startswith("val/") else running_median(mean)
        axes.plot(mean.index, mean, color=colour, linewidth=2.2, label=f"{label} ({len(runs)})")
    title, scale = _PANELS[name]
    if scale == "symlog":
        scale_down_to_zero(axes, max(min(least, default=1.0), 1e-6))
    else:
        axes.set_yscale(scale)
        label_powers(axes.yaxis)
    axes.set_ylabel(title)
    for switch in set(switches.values()):
        axes.axvline(switch, color="0.3", linestyle="--", linewidth=1.0)
    if name == PPM_ERROR:
        for bound in BOUNDS_PPM:
            axes.axhline(bound, color="0.6", linestyle=":", linewidth=0.8)


def _curve(run: Run, name: str, switch: int) -> pd.Series:
    if name == PPM_ERROR:
        return curve_with_shared_start(run, name)
    curve = run.curve(name)
    return curve.loc[curve.index >= switch]
