"""Promised and kept probability, and which probabilities are given at all."""

import numpy as np
from matplotlib.figure import Figure

from denovo.figures.style import COLOURS, style
from denovo.metrics import Reliability
from denovo.typing import Float64, ndarray

_N_BARS = 20


def draw_reliability(found: Reliability, probability: Float64[ndarray, " answer"]) -> Figure:
    """Draw the share of right answers over their probability, and a histogram below it.

    Parameters
    ----------
    found : Reliability
        The bins.
    probability : array [answer], float64
        All probabilities, for the histogram.

    Returns
    -------
    Figure
        Points with 95 % intervals beside the diagonal on which calibrated ones lie.
    """
    bins = f"{len(found.count)} bins of equal {found.binning}"
    with style():
        figure = Figure(figsize=(7.2, 4.4))
        upper, lower = figure.subplots(2, sharex=True, height_ratios=[2.5, 1])
        upper.plot([0, 1], [0, 1], "--", color=COLOURS[7], linewidth=1, label="calibrated")
        # Rounding may put a share beside the end of its own interval by 1e-17.
        reach = [found.kept - found.low, found.high - found.kept]
        upper.errorbar(
            found.promised,
            found.kept,
            yerr=np.clip(reach, 0, None),
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
