"""Where a sequencer is good, and where it is not: figures of groups of spectra."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.figures.labels import shortened
from denovo.figures.style import COLOURS, style

_SHOWN = {"peptide_recall": "peptides", "aa_recall": "residues"}
_COLUMNS = 2
_WIDTH = 50
"""Letters that fit below a panel; labels that need more are turned."""
_LONGEST_LABEL = 18


def draw_breakdown(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the recall of groups of spectra, with 95 % intervals, a panel for each way of grouping.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        What spectra are grouped by, such as ``"length"``, and what `denovo.metrics.breakdown`
        returned; one at least.

    Returns
    -------
    Figure
        Share of peptides and of residues found; the number of spectra is written above each group.
    """
    n_rows = math.ceil(len(tables) / _COLUMNS)
    with style():
        figure = Figure(figsize=(3.8 * min(len(tables), _COLUMNS), 2.9 * n_rows))
        panels = figure.subplots(n_rows, min(len(tables), _COLUMNS), squeeze=False).flatten()
        for axes, (name, table) in zip(panels, tables.items(), strict=False):
            _draw_groups(axes, name, table)
        for axes in panels[len(tables) :]:
            axes.set_visible(False)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


def _draw_groups(axes: Axes, name: str, table: pd.DataFrame) -> None:
    places = np.arange(len(table), dtype=np.float64)
    for number, (figure, what) in enumerate(_SHOWN.items()):
        value, low, high = (table[f"{figure}{end}"].to_numpy() for end in ("", "_low", "_high"))
        axes.errorbar(
            places + (number - 0.5) * 0.2,
            value,
            # Rounding may put a share beside the end of its own interval by 1e-17.
            yerr=np.clip([value - low, high - value], 0, None),
            fmt="so"[number],
            color=COLOURS[number],
            markersize=4,
            elinewidth=0.9,
            label=what,
        )
    labels = [shortened(str(group), _LONGEST_LABEL) for group in table["group"]]
    is_turned = len(labels) * (1 + max(map(len, labels))) > _WIDTH
    axes.set_xticks(places, labels, rotation=90 if is_turned else 0, fontsize=7)
    for place, count in enumerate(table["n"]):
        turn = 90 if is_turned else 0
        axes.text(place, 1.04, f"{count:,}", ha="center", va="bottom", fontsize=6, rotation=turn)
    axes.set_xlim(-0.6, len(table) - 0.4)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(name)
    axes.set_ylabel("share found")
