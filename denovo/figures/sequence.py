"""A peptide in letters, right residues told apart from wrong ones."""

from matplotlib.axes import Axes

from denovo.runs import Example, ReadResidue

RIGHT, WRONG = "#006B4F", "#B00020"
_START, _STEP, _VERDICT = 5.0, 1.5, 20.0
_LINE = 60.0
"""Width of a line, in the same arbitrary unit; long peptides make it longer."""


def write_sequence(axes: Axes, example: Example) -> None:
    """Write prediction and truth one below the other.

    Wrong residues are red, bold and underlined: colour alone would not tell everybody.

    Parameters
    ----------
    axes : Axes
        Empty; the frame is taken away.
    example : Example
        Prediction and truth.
    """
    axes.set_axis_off()
    longest = max(len(example.residues), len(example.peptide))
    end_of_line = max(_LINE, _START + _STEP * longest + _VERDICT)
    axes.set(xlim=(0, end_of_line), ylim=(0, 2))
    verdict = "right" if example.is_right else "wrong"
    axes.text(0, 1.5, "read", color="0.35", verticalalignment="center")
    axes.text(0, 0.5, "truth", color="0.35", verticalalignment="center")
    end = _START
    for residue in example.residues:
        end = _write(axes, end, 1.5, residue)
    if not example.residues:
        axes.text(end, 1.5, "nothing", color=WRONG, verticalalignment="center")
    end = _START
    for name in example.peptide:
        end = _write(axes, end, 0.5, name)
    axes.text(
        end_of_line,
        1.5,
        f"{verdict}, {example.ppm_error:+,.1f} ppm, charge {example.precursor_charge}+",
        color=RIGHT if example.is_right else WRONG,
        horizontalalignment="right",
        verticalalignment="center",
    )


def short_name(name: str) -> str:
    """Write a residue in one letter, with a star if it is modified.

    Examples
    --------
    >>> short_name("M[UNIMOD:35]"), short_name("K"), short_name("[UNIMOD:1]-")
    ('M*', 'K', '*')
    """
    if name.endswith("-"):
        return "*"
    return name[0] + ("*" if "[" in name else "")


def _write(axes: Axes, start: float, height: float, residue: ReadResidue | str) -> float:
    is_wrong = isinstance(residue, ReadResidue) and not residue.is_right
    name = residue.name if isinstance(residue, ReadResidue) else residue
    axes.text(
        start + _STEP / 2,
        height,
        short_name(name),
        color=WRONG if is_wrong else "black",
        fontweight="bold" if is_wrong else "normal",
        family="monospace",
        horizontalalignment="center",
        verticalalignment="center",
    )
    if is_wrong:
        axes.plot([start + 0.2, start + 1.3], [height - 0.42] * 2, color=WRONG, linewidth=1.2)
    return start + _STEP
