"""Style, colours and labels that all pictures share."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.rcsetup import cycler
from matplotlib.ticker import LogFormatter

from denovo.typing import Float64, ndarray

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#999999")
"""Palette for colour-blind readers (Okabe & Ito, 2008), in order of use."""

_SETTINGS: dict[Any, Any] = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "axes.axisbelow": True,
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 9,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.9,
    "lines.linewidth": 1.4,
    "svg.fonttype": "path",
    "svg.hashsalt": "denovo",
    # Titles, file names and names of runs may contain dollars and backslashes.
    "text.parse_math": False,
}


@contextmanager
def style() -> Iterator[None]:
    """Apply the style of the project within a context."""
    with mpl.rc_context(_SETTINGS):
        yield


@contextmanager
def new_figure(width: float, height: float) -> Iterator[Figure]:
    """Yield a figure of a size in inches, to be drawn on in the style of the project."""
    with style():
        yield Figure(figsize=(width, height))


def error_lengths(
    value: Float64[ndarray, " bar"], low: Float64[ndarray, " bar"], high: Float64[ndarray, " bar"]
) -> Float64[ndarray, "2 bar"]:
    """Return the lengths of error bars below and above values."""
    # Rounding may put a share outside its own interval by 1e-17.
    return np.clip([value - low, high - value], 0, None)


class _PlainNumbers(LogFormatter):
    """Labels of a logarithmic axis at the places of Matplotlib, as plain numbers."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:,.12g}" if super().__call__(x, pos) else ""


def label_powers(*axes: Axis) -> None:
    """Label logarithmic axes with plain numbers instead of mathtext."""
    for axis in axes:
        axis.set_major_formatter(_PlainNumbers())
        axis.set_minor_formatter(_PlainNumbers())


def scale_down_to_zero(axes: Axes, least: float) -> None:
    """Scale the y axis logarithmically down to about the least positive value, then linearly.

    The linear part begins at a power of ten, so that its label keeps away from that of 0.
    """
    threshold = 10.0 ** math.floor(math.log10(least))
    axes.set_yscale("symlog", linthresh=threshold)
    axes.set_ylim(bottom=-0.2 * threshold)
    label_powers(axes.yaxis)


_HALO = withStroke(linewidth=1.8, foreground="white")
"""White outline of a label, which a peak may cross."""
_MIN_LABELLED = 0.03
"""Height of the lowest peak with a label, relative to the base peak."""


def label(
    axes: Axes, text: str, place: tuple[float, float | int], shift: int, **settings: Any
) -> None:
    """Write a label at a place of the data, shifted up or down by points."""
    options = {"ha": "center", "path_effects": [_HALO], **settings}
    axes.annotate(text, place, (0, shift), textcoords="offset points", **options)


def labels_that_fit(
    mz: Sequence[float],
    heights: Sequence[float],
    labels: Mapping[int, str],
    room: tuple[float, float],
) -> list[int]:
    """Choose the highest of the labelled peaks whose labels do not overlap, highest first.

    ``labels`` are texts by peak; ``room`` is the width of a label of four letters relative to the
    m/z axis and its height relative to the base peak.
    """
    width, height = room[0] * max(mz, default=0.0), room[1]

    def apart(peak: int, other: int) -> float:
        return width * max(1.0, (len(labels[peak]) + len(labels[other])) / 8)

    chosen: list[int] = []
    for peak in sorted(labels, key=lambda peak: -heights[peak]):
        is_free = all(
            abs(mz[peak] - mz[other]) > apart(peak, other)
            or abs(heights[peak] - heights[other]) > height
            for other in chosen
        )
        if is_free and heights[peak] >= _MIN_LABELLED:
            chosen.append(peak)
    return chosen


def shortened(text: str, max_length: int = 32) -> str:
    """Cut a text to a number of letters; an ellipsis marks the cut.

    Examples
    --------
    >>> shortened("spectra.mgf", 8)
    'spectra…'
    """
    return text if len(text) <= max_length else text[: max_length - 1] + "…"
