"""What a threshold costs: precision of the answers that are kept, over the share of them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.figures.labels import shortened
from denovo.figures.style import COLOURS, style
from denovo.metrics import PrecisionCoverage

_MOST_INSIDE = 3
"""Curves whose names have room below them; those of more stand beside a panel that is alone."""


def draw_precision_coverage(
    peptides: Mapping[str, PrecisionCoverage], residues: Mapping[str, PrecisionCoverage]
) -> Figure:
    """Draw precision over coverage, of peptides on the left and of residues on the right.

    Parameters
    ----------
    peptides, residues : mapping of str to PrecisionCoverage
        A curve for each name, such as that of a file or a score; the same name has the same colour
        in both panels. A panel without curves is left out.

    Returns
    -------
    Figure
        The legend of each panel gives the area under each curve.
    """
    panels = {"peptides": peptides, "residues": residues}
    shown = {what: curves for what, curves in panels.items() if curves}
    names = list(dict.fromkeys([*peptides, *residues]))
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    with style():
        is_crowded = len(names) > _MOST_INSIDE and len(shown) == 1
        figure = Figure(figsize=(3.6 * max(len(shown), 1) + 3.2 * is_crowded, 3.4))
        for place, (what, curves) in enumerate(shown.items(), start=1):
            axes = figure.add_subplot(1, len(shown), place)
            for name, curve in curves.items():
                _draw_curve(axes, name, curve, colours[name])
            axes.set_xlabel(f"coverage: share of all {what}")
            axes.set_ylabel(f"precision: {what} right among these")
            axes.set_xlim(0, 1.02)
            axes.set_ylim(0, 1.02)
            if is_crowded:
                figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper")
            else:
                axes.legend(loc="lower left")
    return figure


def _draw_curve(axes: Axes, name: str, curve: PrecisionCoverage, colour: str) -> None:
    label = f"{shortened(name)}: area {curve.average_precision:.3f}"
    # The steps whose area the label gives; the first one may be wide, where scores are equal.
    coverage = np.concatenate([[0.0], curve.coverage])
    precision = np.concatenate([curve.precision[:1], curve.precision])
    axes.step(coverage[: len(precision)], precision, where="pre", color=colour, label=label)
    if len(curve.coverage):
        axes.plot(curve.coverage[-1], curve.precision[-1], "o", color=colour, markersize=4)
