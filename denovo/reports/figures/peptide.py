"""A peptide in letters: where it broke, how sure each residue is, what the spectrum leaves open."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from denovo.reports.figures.style import COLOURS
from denovo.reports.runs import Example, ReadResidue
from denovo.spectra.prediction import Region

RIGHT, WRONG = "#006B4F", "#B00020"
_START, _STEP, _VERDICT = 5.0, 1.5, 20.0
_LINE = 60.0
"""Width of a line, in the same arbitrary unit; long peptides make it longer."""


def write_sequence(axes: Axes, example: Example) -> None:
    """Write prediction and truth one below the other.

    Wrong residues are red, bold and underlined: colour alone would not tell everybody.
    """
    axes.set_axis_off()
    longest = max(len(example.residues), len(example.peptide))
    end_of_line = max(_LINE, _START + _STEP * longest + _VERDICT)
    axes.set(xlim=(0, end_of_line), ylim=(0, 2))
    verdict = "right" if example.is_right else "wrong"
    axes.text(0, 1.5, "read", color="0.35", va="center")
    axes.text(0, 0.5, "truth", color="0.35", va="center")
    end = _START
    for residue in example.residues:
        end = _write_residues(axes, end, 1.5, residue)
    if not example.residues:
        axes.text(end, 1.5, "nothing", color=WRONG, va="center")
    end = _START
    for name in example.peptide:
        end = _write_residues(axes, end, 0.5, name)
    axes.text(
        end_of_line,
        1.5,
        f"{verdict}, {example.ppm_error:+,.1f} ppm, charge {example.precursor_charge}+",
        color=RIGHT if example.is_right else WRONG,
        ha="right",
        va="center",
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


def _write_residues(axes: Axes, start: float, height: float, residue: ReadResidue | str) -> float:
    is_wrong = isinstance(residue, ReadResidue) and not residue.is_right
    name = residue.name if isinstance(residue, ReadResidue) else residue
    axes.text(
        start + _STEP / 2,
        height,
        short_name(name),
        color=WRONG if is_wrong else "black",
        fontweight="bold" if is_wrong else "normal",
        family="monospace",
        ha="center",
        va="center",
    )
    if is_wrong:
        axes.plot([start + 0.2, start + 1.3], [height - 0.42] * 2, color=WRONG, linewidth=1.2)
    return start + _STEP


SERIES_COLOURS = {"b": COLOURS[0], "y": COLOURS[1]}
_SURE, _FAIR, _DOUBTFUL = COLOURS[0], COLOURS[4], COLOURS[5]
_NARROWEST = 24
"""Cells of the shortest line; letters of a longer peptide come closer together."""
_BAR_BASE, _BAR_HEIGHT = -0.75, 0.6


def draw_ladder(
    axes: Axes,
    names: Sequence[str],
    found: Mapping[str, Collection[int]],
    scores: Sequence[float] = (),
    regions: Sequence[Region] = (),
    fontsize: float = 11.0,
) -> None:
    """Write a peptide with its cleavages.

    Parameters
    ----------
    axes : Axes
        Empty; the frame is taken away.
    names : sequence of str
        Residues as the alphabet names them, N-terminal modifications first. A star marks what is
        modified.
    found : mapping of str to collection of int
        For ``"b"`` and ``"y"`` the ordinals that are among the peaks. A hook below a gap stands for
        a b ion and points to the N-terminus, one above it for a y ion and points to the C-terminus.
    scores : sequence of float
        Probability of each residue, in [0, 1]; bars below the letters. Empty for none.
    regions : sequence of Region
        Residues in no certain order; a dashed frame around them.
    fontsize : float
        Of the letters, in points, up to 24 residues.
    """
    residues = [name for name in names if not name.endswith("-")]
    width = max(len(residues), _NARROWEST)
    middle = len(residues) / 2
    axes.set_axis_off()
    axes.set_xlim(middle - width / 2 - 0.5, middle + width / 2 + 0.5)
    axes.set_ylim(_BAR_BASE - 0.05 if scores else 0.0, 1.0)
    size = fontsize * min(1.0, (_NARROWEST / width) ** 0.8)
    for place, name in enumerate(residues):
        _write(axes, place + 0.5, name[0], size)
        if short_name(name) != name:
            _write(axes, place + 0.8, "*", 0.85 * size)
    if len(residues) < len(names):
        _write(axes, 0.1, "*", 0.85 * size)
    for region in regions:
        _frame(axes, region)
    for series, ordinals in found.items():
        for ordinal in ordinals:
            _hook(axes, series, ordinal, len(residues))
    for place, score in enumerate(scores):
        _bar(axes, place, score)


def _write(axes: Axes, x: float, letter: str, size: float) -> None:
    axes.text(x, 0.49, letter, fontsize=size, family="monospace", ha="center", va="center")


def _hook(axes: Axes, series: str, ordinal: int, n_residues: int) -> None:
    is_n_terminal = series == "b"
    gap = ordinal if is_n_terminal else n_residues - ordinal
    tip, end = (gap - 0.4, 0.06) if is_n_terminal else (gap + 0.4, 0.94)
    axes.plot(
        [gap, gap, tip],
        [0.5, end, end],
        color=SERIES_COLOURS[series],
        linewidth=1.1,
        solid_joinstyle="miter",
        clip_on=False,
    )


def _frame(axes: Axes, region: Region) -> None:
    axes.add_patch(
        Rectangle(
            (region.start - 0.93, 0.2),
            region.end - region.start + 0.86,
            0.6,
            facecolor="#F0E442",
            edgecolor="0.35",
            linestyle="--",
            linewidth=0.8,
            alpha=0.45,
            zorder=0.5,
        )
    )


def _bar(axes: Axes, place: int, score: float) -> None:
    colour = _SURE if score >= 0.9 else _FAIR if score >= 0.5 else _DOUBTFUL
    left = place + 0.15
    # The empty part of the scale is drawn too: a height says nothing without it.
    axes.add_patch(Rectangle((left, _BAR_BASE), 0.7, _BAR_HEIGHT, facecolor="0.92"))
    axes.add_patch(Rectangle((left, _BAR_BASE), 0.7, _BAR_HEIGHT * score, facecolor=colour))
