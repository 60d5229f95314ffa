"""What pictures over the steps of a run have in common: stages and tripwires."""

from matplotlib.axes import Axes

from denovo.runs import Run, stages_of, tripwires_of

_ALARM = "#B00020"


def mark_stages(axes: Axes, run: Run, are_numbered: bool = True) -> None:
    """Draw a line where a stage begins, with its number.

    Parameters
    ----------
    axes : Axes
        Their x axis counts steps.
    run : Run
        The run.
    are_numbered : bool
        Whether to write the numbers of the stages along the upper edge.
    """
    last = _last_step(run)
    for stage in stages_of(run):
        if stage.start > last:
            break
        if stage.start:
            axes.axvline(stage.start, color="0.6", linewidth=0.8, linestyle=":", zorder=0.5)
        if are_numbered:
            axes.annotate(
                f"stage {stage.number}" if stage.number == 1 else str(stage.number),
                (stage.start, 1.0),
                xycoords=axes.get_xaxis_transform(),
                xytext=(2, 2),
                textcoords="offset points",
                color="0.35",
                fontsize=7.5,
            )
    axes.set_xlim(0, last)


def mark_tripwires(axes: Axes, run: Run, are_named: bool = True) -> None:
    """Draw a line where a tripwire fired, with its name.

    Parameters
    ----------
    axes : Axes
        Their x axis counts steps.
    run : Run
        The run.
    are_named : bool
        Whether to write the name beside the line.
    """
    for wire in tripwires_of(run):
        axes.axvline(wire.step, color=_ALARM, linewidth=1.2, linestyle="--")
        if are_named:
            axes.annotate(
                wire.name.replace("_", " "),
                (wire.step, 0.02),
                xycoords=axes.get_xaxis_transform(),
                xytext=(2, 0),
                textcoords="offset points",
                color=_ALARM,
                fontsize=8,
                rotation=90,
                verticalalignment="bottom",
            )


def _last_step(run: Run) -> int:
    return max(int(run.metrics["step"].max()), 1)
