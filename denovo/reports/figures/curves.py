"""Figures over the steps of one run: losses, recall, mass error, gradient shares."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.reports.figures.style import COLOURS, label_powers, new_figure, scale_down_to_zero
from denovo.reports.figures_logged import FIGURES, TOKEN_LOSS, Place
from denovo.reports.runs import Run, stages_of, tripwires_of

_ALARM = "#B00020"
_SETS = {"val": "clean spectra", "val_noisy": "noisy spectra"}
_LENGTH = "recall_length_"
_GOALS = (10, 100)
_FLOOR = 1e-2
"""Smallest error in ppm that is drawn; a logarithmic axis has no place for exact masses."""
_NORM = "gradients/norm_"
_GRADIENTS = {
    "norm": "gradient norm",
    "share": "share of the gradient",
    "cosine": "cosine to token loss",
}


def draw_learning_curves(run: Run) -> Figure | None:
    """Draw the token loss and the recall on validation spectra; None if neither was logged."""
    recalls = {f"{name}/peptide_recall": label for name, label in _SETS.items()}
    if not _is_logged(run, TOKEN_LOSS, *recalls):
        return None
    with new_figure(7.2, 4.4) as figure:
        upper, lower = figure.subplots(2, sharex=True)
        _draw(upper, run, {TOKEN_LOSS: "token loss"}, "-", colours=COLOURS[7:], linewidth=0.9)
        upper.set_ylabel("token loss (nats)")
        _draw(lower, run, recalls)
        _finish_recall(lower)
        if lower.lines:
            lower.legend(loc="best")
        mark_events(upper, run)
        mark_events(lower, run, is_labelled=False)
    return figure


def draw_recall_by_length(run: Run) -> Figure | None:
    """Draw the recall by peptide length, a panel for each validation set; None if not logged."""
    curves = {
        label: {
            f"{name}/{_LENGTH}{low}_{high}": f"{low}-{high}"
            for low, high in sorted(_ranges(run, f"{name}/{_LENGTH}"))
        }
        for name, label in _SETS.items()
    }
    shown = {label: names for label, names in curves.items() if names}
    if not shown:
        return None
    with new_figure(7.2, 3.2) as figure:
        panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, (label, names) in zip(panels, shown.items(), strict=True):
            _draw(axes, run, names)
            mark_stages(axes, run, are_numbered=False)
            axes.set_title(label, fontsize=9)
            axes.set_xlabel("optimizer step")
        _finish_recall(panels[0])
        panels[0].legend(title="residues", loc="best")
    return figure


def draw_ppm_error(run: Run) -> Figure | None:
    """Draw the median precursor mass errors on a logarithmic axis; None if none was logged."""
    shown = [figure for figure in FIGURES if Place.ERROR_CURVE in figure.places]
    if not _is_logged(run, *(each.name for each in shown)):
        return None
    with new_figure(7.2, 3.6) as figure:
        axes = figure.add_subplot()
        training = {each.name: each.label for each in shown if each.is_training}
        validation = {each.name: each.label for each in shown if not each.is_training}
        _draw(axes, run, training, "-", colours=COLOURS[7:], linewidth=0.8, floor=_FLOOR)
        _draw(axes, run, validation, linewidth=1.6, floor=_FLOOR)
        axes.set_yscale("log")
        label_powers(axes.yaxis)
        for goal in _GOALS:
            axes.axhline(goal, color=COLOURS[2], linewidth=0.8, linestyle="--", zorder=0.6)
        axes.set_xlabel("optimizer step")
        axes.set_ylabel("median |error| of the precursor mass (ppm)")
        mark_events(axes, run)
        # Outside: curves, stages, tripwires and bounds leave no room.
        figure.legend(loc="outside upper right", ncols=len(axes.get_legend_handles_labels()[0]))
    return figure


def draw_gradient_shares(run: Run) -> Figure | None:
    """Draw norm, share and cosine of the gradient of each loss term; None if not logged.

    Of a single term, whose share and cosine are 1, only the norm is drawn.
    """
    terms = [name.removeprefix(_NORM) for name in run.metrics if name.startswith(_NORM)]
    if not terms:
        return None
    shown = dict(list(_GRADIENTS.items())[: None if len(terms) > 1 else 1])
    with new_figure(7.2, 0.6 + 1.6 * len(shown)) as figure:
        panels = figure.subplots(len(shown), sharex=True, squeeze=False)[:, 0]
        for axes, (name, label) in zip(panels, shown.items(), strict=True):
            _draw(axes, run, {f"gradients/{name}_{term}": term for term in terms}, ".-")
            axes.set_ylabel(label)
            mark_events(axes, run, is_labelled=axes is panels[0])
        _scale_norms(panels[0], [run.curve(f"{_NORM}{term}") for term in terms])
        for axes, limits in zip(panels[1:], ((-0.02, 1.02), (-1.05, 1.05)), strict=False):
            axes.set_ylim(*limits)
        panels[-1].set_xlabel("optimizer step")
        panels[0].legend(loc="best")
    return figure


def mark_events(axes: Axes, run: Run, is_labelled: bool = True) -> None:
    """Draw lines at the starts of stages and at tripwires that fired."""
    mark_stages(axes, run, is_labelled)
    for wire in tripwires_of(run):
        axes.axvline(wire.step, color=_ALARM, linewidth=1.2, linestyle="--")
        if is_labelled:
            axes.annotate(
                wire.name.replace("_", " "),
                (wire.step, 0.02),
                xycoords=axes.get_xaxis_transform(),
                xytext=(2, 0),
                textcoords="offset points",
                color=_ALARM,
                fontsize=8,
                rotation=90,
                va="bottom",
            )


def mark_stages(axes: Axes, run: Run, are_numbered: bool = True) -> None:
    """Draw a line at the start of each stage, with its number above the axes if there are more."""
    above = {"xycoords": axes.get_xaxis_transform(), "textcoords": "offset points"}
    font = {"color": "0.35", "fontsize": 7.5}
    last, stages = max(int(run.metrics["step"].max()), 1), stages_of(run)
    for stage in stages:
        if stage.start > last:
            break
        if stage.start:
            axes.axvline(stage.start, color="0.6", linewidth=0.8, linestyle=":", zorder=0.5)
        if are_numbered and len(stages) > 1:
            # Above the upper half of a tick label at the end of the axis.
            axes.annotate(str(stage.number), (stage.start, 1.0), (2, 6), **above, **font)
            if stage.number == 1:
                axes.annotate("stage", (0, 1.0), (-2, 6), ha="right", **above, **font)
    axes.set_xlim(0, last)


def _is_logged(run: Run, *names: str) -> bool:
    return any(not run.curve(name).empty for name in names)


def _ranges(run: Run, prefix: str) -> list[tuple[int, int]]:
    """Return the ranges of lengths, first and last, whose recall was logged."""
    found = [
        name.removeprefix(prefix).split("_") for name in run.metrics if name.startswith(prefix)
    ]
    return [(int(low), int(high)) for low, high in found]


def _draw(
    axes: Axes,
    run: Run,
    labels: Mapping[str, str],
    form: str = "o-",
    colours: tuple[str, ...] = COLOURS,
    floor: float | None = None,
    linewidth: float = 1.4,
) -> None:
    """Draw logged figures over the steps, a colour for each, under their labels."""
    for number, (name, label) in enumerate(labels.items()):
        curve = run.curve(name).clip(lower=floor)
        if not curve.empty:
            colour = colours[number % len(colours)]
            axes.plot(
                *(curve.index, curve, form if len(curve) > 1 else "o"),
                color=colour,
                label=label,
                markersize=3.5,
                linewidth=linewidth,
            )


def _finish_recall(axes: Axes) -> None:
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("optimizer step")
    axes.set_ylabel("peptide recall")


def _scale_norms(axes: Axes, norms: list[pd.Series]) -> None:
    """Choose a logarithmic axis, linear near 0 if a norm is exactly 0."""
    values = pd.concat(norms)
    positive = values[values > 0]
    if len(positive) == len(values):
        axes.set_yscale("log")
        label_powers(axes.yaxis)
    elif len(positive):
        scale_down_to_zero(axes, float(positive.min()))
