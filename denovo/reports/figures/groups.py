"""Shares of right answers in sets and groups of spectra, with intervals."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.reports.figures.style import COLOURS, error_lengths, new_figure, shortened

_COLUMNS = 2
_WIDTH = 70
"""Number of letters that fit below a panel; longer labels are rotated."""
_MAX_LABEL = 18

_PANELS = {"peptide_recall": "peptide recall", "aa_precision": "AA precision"}
_SPREAD = 0.5
"""Height of the marks of one set, relative to the distance between sets."""


def draw_sets(figures: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Figure:
    """Draw the shares of right answers of sets (lines) and networks (colours), with intervals.

    ``figures`` maps names of networks to names of sets to figures of `ScoredSet`.
    """
    sets = list(dict.fromkeys(name for of_sets in figures.values() for name in of_sets))
    places = {name: len(sets) - 1 - number for number, name in enumerate(sets)}
    with new_figure(8.6, 1.1 + (0.18 + 0.1 * len(figures)) * len(sets)) as figure:
        panels = figure.subplots(1, len(_PANELS), sharey=True)
        for axes, (name, label) in zip(panels, _PANELS.items(), strict=True):
            for number, (who, of_sets) in enumerate(figures.items()):
                shift = _SPREAD * ((number + 0.5) / len(figures) - 0.5)
                heights = [places[each] - shift for each in of_sets]
                colour = COLOURS[number % len(COLOURS)]
                values, errors = _with_errors(list(of_sets.values()), name)
                axes.errorbar(
                    values, heights, xerr=errors, fmt="o", color=colour, markersize=4,
                    elinewidth=0.9, label=who,
                )  # fmt: skip
            axes.set_xlim(0, 1.02)
            axes.set_xlabel(label)
        panels[0].set_yticks(list(places.values()), [shortened(name) for name in sets], fontsize=8)
        panels[0].set_ylim(-0.6, len(sets) - 0.4)
        if len(figures) > 1:
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left")
    return figure


def draw_groups(groups: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]) -> Figure:
    """Draw the recall of groups of measured and simulated spectra, a panel for each grouping.

    ``groups`` maps ways of grouping to kinds of spectra to the figures of each group.
    """
    n_rows = math.ceil(len(groups) / _COLUMNS)
    with new_figure(4.6 * _COLUMNS, 3.1 * n_rows) as figure:
        panels = figure.subplots(n_rows, _COLUMNS, squeeze=False).flatten()
        for axes, (label, kinds) in zip(panels, groups.items(), strict=False):
            _draw_groups(axes, kinds)
            axes.set_xlabel(label)
            axes.set_ylabel("share found")
        for axes in panels[len(groups) :]:
            axes.set_visible(False)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return figure


def _draw_groups(axes: Axes, kinds: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    names = list(dict.fromkeys(row["group"] for rows in kinds.values() for row in rows))
    names.sort(key=position)
    labels = [shortened(name, _MAX_LABEL) for name in names]
    is_turned = len(labels) * (1 + max(map(len, labels), default=0)) > _WIDTH
    for number, (kind, rows) in enumerate(kinds.items()):
        colour, shift = COLOURS[number % len(COLOURS)], 0.4 * (number - (len(kinds) - 1) / 2)
        places = np.array([names.index(row["group"]) + shift for row in rows])
        for figure, what, mark, side in (
            ("peptide_recall", "peptides", "o", -0.08),
            ("aa_recall", "residues", "s", 0.08),
        ):
            values, errors = _with_errors(rows, figure)
            axes.errorbar(
                places + side, values, yerr=errors, fmt=mark, color=colour, markersize=3.5,
                elinewidth=0.9, alpha=0.5 if mark == "s" else 1, label=f"{kind}: {what}",
            )  # fmt: skip
        listed = [np.nan if row["listed"] is None else row["listed"] for row in rows]
        if not np.isnan(listed).all():
            axes.plot(
                places - 0.08, listed, "D", color=colour, markerfacecolor="none", markersize=5.5,
                label=f"{kind}: truth listed",
            )  # fmt: skip
        for place, row in zip(places, rows, strict=True):
            axes.text(
                place, 1.05, f"{row['n_spectra']:,}", ha="center", va="bottom", fontsize=6,
                rotation=90, color=colour,
            )  # fmt: skip
    axes.set_xticks(range(len(names)), labels, rotation=90 if is_turned else 0, fontsize=7)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylim(0, 1.03)


def _with_errors(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[list[float], np.ndarray]:
    value, low, high = (
        np.array([row[f"{name}{end}"] for row in rows], dtype=np.float64)
        for end in ("", "_low", "_high")
    )
    return value.tolist(), error_lengths(value, low, high)


def position(group: str) -> tuple[float, str]:
    """Return the sorting key of a group: its leading number; words sort first."""
    number = group.split(" ")[0].rstrip("+")
    return (float(number) if number.replace(".", "").isdigit() else -1.0, group)
