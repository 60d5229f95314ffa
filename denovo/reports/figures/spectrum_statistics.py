"""Composition and site coverage of sets of spectra."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from denovo.evaluation.spectrum_statistics.summary import MISSING_RUNS, SITES
from denovo.reports.figures.style import COLOURS, new_figure, shortened

_MAX_NAME = 28
_SHARES = {"intensity_share": "of the intensity", "peak_share": "of the peaks"}


def draw_spectrum_statistics(sets: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw the composition of sets of spectra (above) and their missing and covered sites (below).

    ``sets`` are results of `SpectrumStatistics.as_dict`.
    """
    with new_figure(10.0, 4.0 + 0.3 * len(sets)) as figure:
        shares, coverage = figure.subplots(2, 2, height_ratios=(0.3 * len(sets) + 0.6, 2.6))
        for axes, (key, label) in zip(shares, _SHARES.items(), strict=True):
            _draw_shares(axes, sets, key, label)
        run = "most missing sites in a row"
        _draw_lines(coverage[0], sets, f"{run} {{}}", MISSING_RUNS, f"{run} (sites)")
        _draw_lines(coverage[1], sets, "{} site covered", SITES, "cleavage site")
        shares[1].set_yticklabels([])
        coverage[1].set_xticks(range(len(SITES)), ["1", "2", "middle", "n-2", "n-1"])
        shares[1].legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=7.5)
        coverage[1].legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=7.5)
        coverage[0].set_ylabel("share of spectra")
        coverage[1].set_ylabel("covered")
    return figure


def _draw_shares(axes: Axes, sets: Sequence[Mapping[str, Any]], key: str, label: str) -> None:
    names = [_short(item) for item in sets]
    start = np.zeros(len(sets))
    for number, part in enumerate(sets[0][key]):
        width = np.array([item[key][part] or 0.0 for item in sets])
        # Nine parts, eight colours: the unexplained part is pale grey.
        colour = COLOURS[number] if number < len(COLOURS) else "0.88"
        axes.barh(names, width, left=start, color=colour, label=part)
        start += width
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"share {label}")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))


def _draw_lines(
    axes: Axes, sets: Sequence[Mapping[str, Any]], key: str, ticks: Sequence[str], label: str
) -> None:
    for number, item in enumerate(sets):
        values = [item["figures"][key.format(tick)] for tick in ticks]
        heights = [np.nan if value is None else value for value in values]
        colour = COLOURS[number % len(COLOURS)]
        axes.plot(ticks, heights, "o-", markersize=3.5, color=colour, label=_short(item))
    axes.set_ylim(0, 1)
    axes.set_xlabel(label)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))


def _short(item: Mapping[str, Any]) -> str:
    return shortened(str(item["name"]), _MAX_NAME)
