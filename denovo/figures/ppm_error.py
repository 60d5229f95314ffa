"""Precursor mass error over the steps of a run, stage by stage."""

from matplotlib.figure import Figure

from denovo.figures.marks import mark_stages, mark_tripwires
from denovo.figures.style import COLOURS, label_powers, style
from denovo.runs import Run

_CURVES = {
    "train/ppm_error_median": ("training batches, soft", COLOURS[7], "-", 0.8),
    "val/soft_ppm_error_abs_median": ("validation, soft", COLOURS[0], "o-", 1.6),
    "val/ppm_error_abs_median": ("validation, decoded", COLOURS[1], "s-", 1.6),
}
_GOALS = (10, 100)
_FLOOR = 1e-2
"""In ppm. An exact mass has no place on a logarithmic axis and is drawn here."""


def draw_ppm_error(run: Run) -> Figure | None:
    """Draw the median precursor mass error of a run, on a logarithmic axis.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    Figure or None
        Soft error (of the expected mass) on training batches and validation spectra, and the error
        of the decoded peptides; None if none of them was logged.
    """
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
