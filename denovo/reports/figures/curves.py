"""Learning curves: loss and recall over the steps of a run, also by peptide length."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.reports.figures.style import COLOURS, label_powers, style
from denovo.reports.runs import Run, stages_of, tripwires_of

_ALARM = "#B00020"


def mark_stages(axes: Axes, run: Run, are_numbered: bool = True) -> None:
    """Draw a line where a stage begins, with its number."""
    last = _last_step(run)
    for stage in stages_of(run):
        if stage.start > last:
            break
        if stage.start:
            axes.axvline(stage.start, color="0.6", linewidth=0.8, linestyle=":", zorder=0.5)
        if are_numbered:
            axes.annotate(
                f"stage {stage.number}" if stage.number == 1 else str(stage.number),
                (stage.start, 1.0),
                xycoords=axes.get_xaxis_transform(),
                xytext=(2, 2),
                textcoords="offset points",
                color="0.35",
                fontsize=7.5,
            )
    axes.set_xlim(0, last)


def mark_tripwires(axes: Axes, run: Run, are_named: bool = True) -> None:
    """Draw a line where a tripwire fired, with its name."""
    for wire in tripwires_of(run):
        axes.axvline(wire.step, color=_ALARM, linewidth=1.2, linestyle="--")
        if are_named:
            axes.annotate(
                wire.name.replace("_", " "),
                (wire.step, 0.02),
                xycoords=axes.get_xaxis_transform(),
                xytext=(2, 0),
                textcoords="offset points",
                color=_ALARM,
                fontsize=8,
                rotation=90,
                verticalalignment="bottom",
            )


def _last_step(run: Run) -> int:
    return max(int(run.metrics["step"].max()), 1)


_SETS = {"val": "clean spectra", "val_noisy": "noisy spectra"}
_PREFIX = "recall_length_"


def draw_learning_curves(run: Run) -> Figure | None:
    """Draw the token loss and the recall on validation spectra."""
    loss = run.curve("train/loss_token")
    recalls = {label: run.curve(f"{name}/peptide_recall") for name, label in _SETS.items()}
    if loss.empty and all(curve.empty for curve in recalls.values()):
        return None
    with style():
        figure = Figure(figsize=(7.2, 4.4))
        upper, lower = figure.subplots(2, sharex=True)
        upper.plot(loss.index, loss, color=COLOURS[7], linewidth=0.9)
        upper.set_ylabel("token loss (nats)")
        for colour, (label, curve) in zip(COLOURS, recalls.items(), strict=False):
            if not curve.empty:
                lower.plot(curve.index, curve, "o-", color=colour, label=label, markersize=4)
        _finish_recall(lower)
        if lower.lines:
            lower.legend(loc="best")
        for number, axes in enumerate((upper, lower)):
            mark_stages(axes, run, are_numbered=number == 0)
            mark_tripwires(axes, run, are_named=number == 0)
    return figure


def draw_recall_by_length(run: Run) -> Figure | None:
    """Draw the recall on validation spectra, a curve for each range of lengths."""
    ranges = {
        name: [column for column in run.metrics if column.startswith(f"{name}/{_PREFIX}")]
        for name in _SETS
    }
    shown = [name for name, columns in ranges.items() if columns]
    if not shown:
        return None
    with style():
        figure = Figure(figsize=(7.2, 3.2))
        panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, shown, strict=True):
            for colour, column in zip(COLOURS, sorted(ranges[name], key=_shortest), strict=False):
                curve = run.curve(column)
                label = "-".join(column.removeprefix(f"{name}/{_PREFIX}").split("_"))
                axes.plot(curve.index, curve, "o-", color=colour, label=label, markersize=3)
            mark_stages(axes, run, are_numbered=False)
            axes.set_title(_SETS[name], fontsize=9)
        _finish_recall(panels[0])
        for axes in panels[1:]:
            axes.set_xlabel("optimizer step")
        panels[0].legend(title="residues", loc="best")
    return figure


def _shortest(column: str) -> int:
    return int(column.split(_PREFIX)[1].split("_")[0])


def _finish_recall(axes: Axes) -> None:
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("optimizer step")
    axes.set_ylabel("peptide recall")


_CURVES = {
    "train/ppm_error_median": ("training batches, soft", COLOURS[7], "-", 0.8),
    "val/soft_ppm_error_abs_median": ("validation, soft", COLOURS[0], "o-", 1.6),
    "val/ppm_error_abs_median": ("validation, decoded", COLOURS[1], "s-", 1.6),
}
_GOALS = (10, 100)
_FLOOR = 1e-2
"""In ppm. An exact mass has no place on a logarithmic axis and is drawn here."""


def draw_ppm_error(run: Run) -> Figure | None:
    """Draw the median precursor mass error of a run, on a logarithmic axis."""
    curves = {name: run.curve(name) for name in _CURVES}
    if all(curve.empty for curve in curves.values()):
        return None
    with style():
        figure = Figure(figsize=(7.2, 3.6))
        axes = figure.add_subplot()
        for name, (label, colour, line, width) in _CURVES.items():
            values = curves[name].clip(lower=_FLOOR)
            if values.empty:
                continue
            axes.plot(
                values.index, values, line, label=label, color=colour, linewidth=width, markersize=4
            )
        axes.set_yscale("log")
        label_powers(axes.yaxis)
        for goal in _GOALS:
            axes.axhline(goal, color=COLOURS[2], linewidth=0.8, linestyle="--", zorder=0.6)
        axes.set_xlabel("optimizer step")
        axes.set_ylabel("median |error| of the precursor mass (ppm)")
        mark_stages(axes, run)
        mark_tripwires(axes, run)
        axes.legend(loc="best")
    return figure


_PANELS = {
    "norm": "gradient norm",
    "share": "share of the gradient",
    "cosine": "cosine to token loss",
}


def draw_gradient_shares(run: Run) -> Figure | None:
    """Draw norm, share and direction of the gradient of every loss term."""
    prefix = "gradients/norm_"
    terms = [name.removeprefix(prefix) for name in run.metrics if name.startswith(prefix)]
    if not terms:
        return None
    with style():
        figure = Figure(figsize=(7.2, 5.4))
        panels = figure.subplots(len(_PANELS), sharex=True)
        for number, (axes, (figures, label)) in enumerate(
            zip(panels, _PANELS.items(), strict=True)
        ):
            for colour, term in zip(COLOURS, terms, strict=False):
                curve = run.curve(f"gradients/{figures}_{term}")
                axes.plot(curve.index, curve, ".-", color=colour, label=term, markersize=3)
            axes.set_ylabel(label)
            mark_stages(axes, run, are_numbered=number == 0)
            mark_tripwires(axes, run, are_named=number == 0)
        _scale_norms(panels[0], [run.curve(f"{prefix}{term}") for term in terms])
        panels[1].set_ylim(-0.02, 1.02)
        panels[2].set_ylim(-1.05, 1.05)
        panels[2].set_xlabel("optimizer step")
        panels[0].legend(loc="best")
    return figure


def _scale_norms(axes: Axes, norms: list[pd.Series]) -> None:
    """Choose a logarithmic axis that has a place for an exact zero, should there be one."""
    values = pd.concat(norms)
    positive = values[values > 0]
    if len(positive) == len(values):
        axes.set_yscale("log")
        label_powers(axes.yaxis)
    elif len(positive):
        axes.set_yscale("symlog", linthresh=positive.min() / 10)
        label_powers(axes.yaxis)
        axes.set_ylim(bottom=-positive.min() / 50)
