"""How every picture of the project looks."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.patheffects import withStroke
from matplotlib.rcsetup import cycler
from matplotlib.ticker import LogFormatter

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#999999")
"""Told apart by colour-blind readers too (Okabe & Ito, 2008), in the order they are used."""

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
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "svg.fonttype": "path",
    "svg.hashsalt": "denovo",
    # Titles, file names and names of runs are text, whatever dollars and backslashes they have.
    "text.parse_math": False,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the project, whatever the style outside is."""
    with mpl.rc_context(_SETTINGS):
        yield


class _PlainNumbers(LogFormatter):
    """Label what Matplotlib labels on a logarithmic axis, without its mathematical notation."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:,.12g}" if super().__call__(x, pos) else ""


def label_powers(*axes: Axis) -> None:
    """Label logarithmic axes with plain numbers: the labels of Matplotlib are mathtext."""
    for axis in axes:
        axis.set_major_formatter(_PlainNumbers())
        axis.set_minor_formatter(_PlainNumbers())


HALO = withStroke(linewidth=1.8, foreground="white")
"""Around the letters of a label, which a higher peak may run through."""


def labels_that_fit(
    mz: Sequence[float],
    heights: Sequence[float],
    candidates: Iterable[int],
    room: tuple[float, float],
    least_height: float = 0.03,
) -> list[int]:
    """Choose peaks whose labels do not cover each other.

    Parameters
    ----------
    mz : sequence of float
        All peaks, in Th, ascending.
    heights : sequence of float
        Their intensity relative to the base peak.
    candidates : iterable of int
        The peaks that have something to say.
    room : (float, float)
        Width of a label relative to the m/z axis, and its height relative to the base peak.
    least_height : float
        Lower peaks get no label: room is scarce.

    Returns
    -------
    list of int
        The highest first.
    """
    width, height = room[0] * max(mz, default=0.0), room[1]
    chosen: list[int] = []
    for peak in sorted(candidates, key=lambda peak: -heights[peak]):
        is_free = all(
            abs(mz[peak] - mz[other]) > width or abs(heights[peak] - heights[other]) > height
            for other in chosen
        )
        if is_free and heights[peak] >= least_height:
            chosen.append(peak)
    return chosen


def shortened(text: str, longest: int = 32) -> str:
    """Cut a text to a number of letters, the last of which then tells that it goes on.

    Examples
    --------
    >>> shortened("spectra.mgf", 8)
    'spectra…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"
