"""Labels that fit: of the highest peaks that leave each other room, and of names cut short."""

from collections.abc import Iterable, Sequence

from matplotlib.patheffects import withStroke

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
