"""The gradient ledger over the steps of a run."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.figures.marks import mark_stages, mark_tripwires
from denovo.figures.style import COLOURS, label_powers, style
from denovo.runs import Run

_PANELS = {
    "norm": "gradient norm",
    "share": "share of the gradient",
    "cosine": "cosine to token loss",
}


def draw_ledger(run: Run) -> Figure | None:
    """Draw norm, share and direction of the gradient of every loss term.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    Figure or None
        Three panels, a curve for each term; None if no ledger was kept.
    """
    prefix = "ledger/norm_"
    terms = [name.removeprefix(prefix) for name in run.metrics if name.startswith(prefix)]
    if not terms:
        return None
    with style():
        figure = Figure(figsize=(7.2, 5.4))
        panels = figure.subplots(len(_PANELS), sharex=True)
        for number, (axes, (figures, label)) in enumerate(
            zip(panels, _PANELS.items(), strict=True)
        ):
            for colour, term in zip(COLOURS, terms, strict=False):
                curve = run.curve(f"ledger/{figures}_{term}")
                axes.plot(curve.index, curve, ".-", color=colour, label=term, markersize=3)
            axes.set_ylabel(label)
            mark_stages(axes, run, are_numbered=number == 0)
            mark_tripwires(axes, run, are_named=number == 0)
        _scale_norms(panels[0], [run.curve(f"{prefix}{term}") for term in terms])
        panels[1].set_ylim(-0.02, 1.02)
        panels[2].set_ylim(-1.05, 1.05)
        panels[2].set_xlabel("optimizer step")
        panels[0].legend(loc="best")
    return figure


def _scale_norms(axes: Axes, norms: list[pd.Series]) -> None:
    """Choose a logarithmic axis that has a place for an exact zero, should there be one."""
    values = pd.concat(norms)
    positive = values[values > 0]
    if len(positive) == len(values):
        axes.set_yscale("log")
        label_powers(axes.yaxis)
    elif len(positive):
        axes.set_yscale("symlog", linthresh=positive.min() / 10)
        label_powers(axes.yaxis)
        axes.set_ylim(bottom=-positive.min() / 50)
