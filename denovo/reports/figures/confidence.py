"""Precision over coverage, reliability of probabilities, and estimates of error rates."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from denovo.metrics import PrecisionCoverage, Reliability
from denovo.metrics.false_discovery import FDR_LEVELS
from denovo.metrics.sources import ErrorEstimates
from denovo.reports.figures.style import COLOURS, error_lengths, new_figure, shortened
from denovo.typing import Float64, ndarray

_MAX_INSIDE, _MAX_NAME = 3, 20
"""Curves, and letters of a name, up to which the legend is inside the panels."""
_MAX_LABEL = 38
"""Letters of a name next to the panels."""
_LINES = ("-", "--", "-.", ":")
"""Lines of successive curves, which differ in print without colours, too."""


def draw_precision_coverage(
    peptides: Mapping[str, PrecisionCoverage], residues: Mapping[str, PrecisionCoverage]
) -> Figure:
    """Draw precision over coverage of peptides (left) and residues (right), a curve per name."""
    panels = {"peptides": peptides, "residues": residues}
    shown = {what: curves for what, curves in panels.items() if curves}
    names = list(dict.fromkeys([*peptides, *residues]))
    is_crowded = len(names) > _MAX_INSIDE or max(map(len, names), default=0) > _MAX_NAME
    with new_figure(3.6 * max(len(shown), 1) + 3.6 * is_crowded, 3.4) as figure:
        for place, (what, curves) in enumerate(shown.items(), start=1):
            axes = figure.add_subplot(1, len(shown), place)
            for name, curve in curves.items():
                panels_of_area = shown.values() if is_crowded else [curves]
                areas = [each[name].average_precision for each in panels_of_area if name in each]
                written = " / ".join(f"{area:.3f}" for area in areas)
                label = f"{shortened(name, _MAX_LABEL)}: area {written}"
                number = names.index(name)
                look = COLOURS[number % len(COLOURS)], _LINES[number % len(_LINES)]
                _draw_curve(axes, label, curve, *look)
            axes.set_xlabel(f"coverage: share of all {what}")
            axes.set_ylabel(f"precision: {what} right among these")
            axes.set_xlim(0, 1.02)
            axes.set_ylim(0, 1.02)
            if not is_crowded:
                axes.legend(loc="lower left")
        if is_crowded:
            first = figure.axes[0]
            figure.legend(*first.get_legend_handles_labels(), loc="outside right upper")
    return figure


def _draw_curve(axes: Axes, label: str, curve: PrecisionCoverage, colour: str, line: str) -> None:
    # These steps enclose the area in the legend; equal scores make wide steps.
    coverage = np.concatenate([[0.0], curve.coverage])
    precision = np.concatenate([curve.precision[:1], curve.precision])
    axes.step(
        coverage[: len(precision)],
        precision,
        where="pre",
        label=label,
        color=colour,
        linestyle=line,
    )
    if len(curve.coverage):
        axes.plot(curve.coverage[-1], curve.precision[-1], "o", color=colour, markersize=4)


_N_BARS = 20


def draw_reliability(found: Reliability, probability: Float64[ndarray, " answer"]) -> Figure:
    """Draw the share of right answers by bin, above a histogram of all probabilities."""
    bins = f"{len(found.count)} bins of equal {found.binning}"
    with new_figure(7.2, 4.4) as figure:
        upper, lower = figure.subplots(2, sharex=True, height_ratios=[2.5, 1])
        upper.plot([0, 1], [0, 1], "--", color=COLOURS[7], linewidth=1, label="calibrated")
        upper.errorbar(
            found.predicted,
            found.observed,
            yerr=error_lengths(found.observed, found.low, found.high),
            fmt="o-",
            color=COLOURS[0],
            markersize=4,
            elinewidth=0.9,
            capsize=2,
            label=f"expected error {found.expected_error:.3f}\n({bins})",
        )
        upper.set_ylabel("share of right answers")
        upper.set_ylim(0, 1.02)
        upper.legend(loc="upper left")
        lower.hist(probability, bins=_N_BARS, range=(0, 1), color=COLOURS[0], alpha=0.7)
        lower.set_ylabel("answers")
        lower.set_xlabel("probability to be right")
        lower.set_xlim(0, 1.02)
    return figure


_N_PLACES = 1000
"""Most places of a curve of error rates."""
_LEAST_TOP = 0.12
"""Smallest upper end of an axis of error rates, above the last rate of `FDR_LEVELS`."""


def draw_error_estimates(found: ErrorEstimates) -> Figure:
    """Draw both estimates of the share of wrong answers over the number of answers."""
    last = len(found.n_answers) - 1
    places = np.unique(np.linspace(0, last, _N_PLACES).astype(np.int64)) if last >= 0 else []
    with new_figure(7.2, 3.4) as figure:
        axes = figure.add_subplot()
        curves = {"probabilities": found.by_probability, "decoys": found.by_decoys}
        for (name, curve), line, colour in zip(curves.items(), _LINES, COLOURS, strict=False):
            label = f"from {name}"
            axes.plot(found.n_answers[places], curve[places], line, color=colour, label=label)
        for level in FDR_LEVELS:
            axes.axhline(level, color=COLOURS[7], linewidth=0.7, linestyle=":")
        highest = max((curve.max(initial=0.0) for curve in curves.values()), default=0.0)
        axes.set_ylim(0, max(_LEAST_TOP, 1.05 * highest))
        axes.set_xlim(0, max(last + 1, 1))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("most probable answers in the proteome")
        axes.set_ylabel("estimated share of wrong answers")
        axes.legend(loc="upper left")
    return figure
