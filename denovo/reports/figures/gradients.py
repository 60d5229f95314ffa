"""Value and gradient of the penalties of the precursor loss over the error."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.reports.figures.style import label_powers, new_figure

_BELOW = 0.3
"""Height at which a gradient of 0 is drawn, relative to the smallest other gradient."""


def draw_gradients(table: pd.DataFrame, loss_scale: float | int) -> Figure:
    """Draw value and gradient of each penalty over the absolute error.

    Parameters
    ----------
    table : DataFrame
        Result of `compare_members`; errors in ppm, ascending for each penalty.
    loss_scale : float
        Position of a vertical line, in ppm.

    Returns
    -------
    Figure
        Two panels with logarithmic axes; gradients that are exactly 0 are dotted lines at the
        bottom.
    """
    with new_figure(8.0, 3.4) as figure:
        left, right = figure.subplots(1, 2)
        for member, rows in table.groupby("member", sort=False):
            (line,) = left.loglog(rows["error"], rows["value"], label=str(member))
            alive = rows[~rows["is_dead"]]
            right.loglog(alive["error"], alive["slope"], color=line.get_color())
        label_powers(left.xaxis, left.yaxis, right.xaxis, right.yaxis)
        _draw_dead(right, table)
        left.set_title("value", loc="left", fontsize="medium")
        right.set_title("gradient by the error", loc="left", fontsize="medium")
        for axes in (left, right):
            axes.axvline(loss_scale, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
            axes.set_xlabel("error of the expected mass (ppm)")
        left.legend(loc="upper left")
    return figure


def _draw_dead(axes: Axes, table: pd.DataFrame) -> None:
    floor = _BELOW * float(table.loc[table["slope"] > 0, "slope"].min())
    names = list(dict.fromkeys(table["member"]))
    for member, errors in table[table["is_dead"]].groupby("member", sort=False)["error"]:
        colour = axes.get_lines()[names.index(member)].get_color()
        axes.plot(errors, [floor] * len(errors), color=colour, linestyle=":")
        middle = float(errors.median())
        label = f"{member}: exactly 0"
        axes.annotate(
            label, (middle, floor), (0, 3), textcoords="offset points", ha="center", color=colour
        )
