"""Where a sequencer is good, and where it is not: figures of groups of spectra."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.reports.figures.style import COLOURS, shortened, style

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


_PANELS = {"peptide_recall": "peptide recall", "aa_precision": "AA precision"}
_SPREAD = 0.5
"""Height that the marks of one set take, of that between two sets."""


def draw_gap(figures: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Figure:
    """Draw the shares that are right, with 95 % intervals, a line for each set.

    Parameters
    ----------
    figures : mapping of str to mapping of str to mapping
        By name of the sequencer and name of the set what `denovo.metrics.clustered_figures`
        returned; one of each at least.

    Returns
    -------
    Figure
        Peptide recall on the left, AA precision on the right; a colour for each sequencer.
    """
    sets = list(dict.fromkeys(name for of_sets in figures.values() for name in of_sets))
    places = {name: len(sets) - 1 - number for number, name in enumerate(sets)}
    with style():
        figure = Figure(figsize=(8.6, 1.1 + (0.18 + 0.1 * len(figures)) * len(sets)))
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


def draw_groups_beside(
    groups: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]],
) -> Figure:
    """Draw what is read of groups of spectra, measured and simulated ones beside each other.

    Parameters
    ----------
    groups : mapping of str to mapping of str to sequence of mapping
        By what spectra are grouped by and by kind of spectra a dict for each group: ``group``,
        ``n_spectra``, ``peptide_recall`` with the ends of its interval, and ``listed``, the share
        whose truth is among the candidates, or None.

    Returns
    -------
    Figure
        A panel for each way of grouping. Dots: peptide recall with 95 % intervals; open diamonds:
        truth listed; above: number of spectra.
    """
    with style():
        figure = Figure(figsize=(1.2 + 3.4 * len(groups), 3.5))
        panels = figure.subplots(1, len(groups), squeeze=False)[0]
        for axes, (label, kinds) in zip(panels, groups.items(), strict=True):
            _draw_gap_groups(axes, kinds)
            axes.set_xlabel(label)
        panels[0].set_ylabel("share of the spectra")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=4)
    return figure


def _draw_gap_groups(axes: Axes, kinds: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    names = sorted({row["group"] for rows in kinds.values() for row in rows}, key=_position)
    for number, (kind, rows) in enumerate(kinds.items()):
        colour, shift = COLOURS[number % len(COLOURS)], 0.24 * (number - (len(kinds) - 1) / 2)
        places = np.array([names.index(row["group"]) + shift for row in rows])
        values, errors = _with_errors(rows, "peptide_recall")
        axes.errorbar(
            places, values, yerr=errors, fmt="o", color=colour, markersize=4, elinewidth=0.9,
            label=f"{kind}: read",
        )  # fmt: skip
        listed = [np.nan if row["listed"] is None else row["listed"] for row in rows]
        if not np.isnan(listed).all():
            axes.plot(
                places, listed, "D", color=colour, markerfacecolor="none", markersize=5,
                label=f"{kind}: listed",
            )  # fmt: skip
        for place, row in zip(places, rows, strict=True):
            axes.text(
                place, 1.05, f"{row['n_spectra']:,}", ha="center", va="bottom", fontsize=6,
                rotation=90, color=colour,
            )  # fmt: skip
    axes.set_xticks(range(len(names)), names, fontsize=7)
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylim(0, 1.03)


def _with_errors(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[list[float], np.ndarray]:
    value, low, high = (
        np.array([row[f"{name}{end}"] for row in rows], dtype=np.float64)
        for end in ("", "_low", "_high")
    )
    # Rounding may put a share beside the end of its own interval by 1e-17.
    return value.tolist(), np.clip([value - low, high - value], 0, None)


def _position(group: str) -> tuple[int, str]:
    """Order groups by the number they begin with; one that begins with a word comes first."""
    number = group.split(" ")[0].rstrip("+")
    return (int(number) if number.isdigit() else -1, group)
