"""Learning curves: loss and recall over the steps of a run, also by peptide length."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from denovo.figures.marks import mark_stages, mark_tripwires
from denovo.figures.style import COLOURS, style
from denovo.runs import Run

_SETS = {"val": "clean spectra", "val_noisy": "noisy spectra"}
_PREFIX = "recall_length_"


def draw_learning_curves(run: Run) -> Figure | None:
    """Draw the token loss and the recall on validation spectra.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    Figure or None
        Two panels with the same steps; None if neither figure was logged.
    """
    loss = run.curve("train/loss_token")
    recalls = {label: run.curve(f"{name}/peptide_recall") for name, label in _SETS.items()}
    if loss.empty and all(curve.empty for curve in recalls.values()):
        return None
    with style():
        figure = Figure(figsize=(7.2, 4.4))
        upper, lower = figure.subplots(2, sharex=True)
        upper.plot(loss.index, loss, color=COLOURS[7], linewidth=0.9)
        upper.set_ylabel("token loss (nats)")
        for colour, (label, curve) in zip(COLOURS, recalls.items(), strict=False):
            if not curve.empty:
                lower.plot(curve.index, curve, "o-", color=colour, label=label, markersize=4)
        _finish_recall(lower)
        if lower.lines:
            lower.legend(loc="best")
        for number, axes in enumerate((upper, lower)):
            mark_stages(axes, run, are_numbered=number == 0)
            mark_tripwires(axes, run, are_named=number == 0)
    return figure


def draw_recall_by_length(run: Run) -> Figure | None:
    """Draw the recall on validation spectra, a curve for each range of lengths.

    Parameters
    ----------
    run : Run
        The run.

    Returns
    -------
    Figure or None
        A panel for each validation set; None if recall by length was not logged.
    """
    ranges = {
        name: [column for column in run.metrics if column.startswith(f"{name}/{_PREFIX}")]
        for name in _SETS
    }
    shown = [name for name, columns in ranges.items() if columns]
    if not shown:
        return None
    with style():
        figure = Figure(figsize=(7.2, 3.2))
        panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
        for axes, name in zip(panels, shown, strict=True):
            for colour, column in zip(COLOURS, sorted(ranges[name], key=_shortest), strict=False):
                curve = run.curve(column)
                label = "-".join(column.removeprefix(f"{name}/{_PREFIX}").split("_"))
                axes.plot(curve.index, curve, "o-", color=colour, label=label, markersize=3)
            mark_stages(axes, run, are_numbered=False)
            axes.set_title(_SETS[name], fontsize=9)
        _finish_recall(panels[0])
        for axes in panels[1:]:
            axes.set_xlabel("optimizer step")
        panels[0].legend(title="residues", loc="best")
    return figure


def _shortest(column: str) -> int:
    return int(column.split(_PREFIX)[1].split("_")[0])


def _finish_recall(axes: Axes) -> None:
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("optimizer step")
    axes.set_ylabel("peptide recall")
