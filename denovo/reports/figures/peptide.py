"""Peptides as letters, with cleavages, probabilities, and residues of undetermined order."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from denovo.reports.figures.style import COLOURS
from denovo.reports.runs import Example, ReadResidue
from denovo.spectra.prediction import Region

RIGHT, WRONG = "#006B4F", "#B00020"
SERIES_COLOURS = {"b": COLOURS[0], "y": COLOURS[1]}
_START, _STEP, _VERDICT, _LINE = 5.0, 1.5, 20.0, 60.0
"""Start and width of letters, width of the verdict, least width of the line, in one unit."""
_HIGH, _MEDIUM, _LOW = COLOURS[0], COLOURS[4], COLOURS[5]
_MIN_CELLS = 24
"""Number of cells of the shortest line; letters of a longer peptide are narrower."""
_BAR_BASE, _BAR_HEIGHT = -0.75, 0.6


def write_sequence(axes: Axes, example: Example) -> None:
    """Write prediction and truth on two lines; wrong residues are red, bold and underlined."""
    axes.set_axis_off()
    longest = max(len(example.residues), len(example.peptide))
    end_of_line = max(_LINE, _START + _STEP * longest + _VERDICT)
    axes.set(xlim=(0, end_of_line), ylim=(0, 2))
    axes.text(0, 1.5, "answer", color="0.35", va="center")
    axes.text(0, 0.5, "truth", color="0.35", va="center")
    for place, residue in enumerate(example.residues):
        _write_residue(axes, place, 1.5, residue)
    if not example.residues:
        axes.text(_START, 1.5, "no residue", color=WRONG, va="center")
    for place, name in enumerate(example.peptide):
        _write_residue(axes, place, 0.5, name)
    verdict = "right" if example.is_right else "wrong"
    text = f"{verdict}, {example.ppm_error:+,.1f} ppm, charge {example.precursor_charge}+"
    colour = RIGHT if example.is_right else WRONG
    axes.text(end_of_line, 1.5, text, color=colour, ha="right", va="center")


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


def _write_residue(axes: Axes, place: int, height: float, residue: ReadResidue | str) -> None:
    is_wrong = isinstance(residue, ReadResidue) and not residue.is_right
    name = residue.name if isinstance(residue, ReadResidue) else residue
    start = _START + place * _STEP
    font = {"color": WRONG, "fontweight": "bold"} if is_wrong else {}
    _write(axes, start + _STEP / 2, short_name(name), height=height, **font)
    if is_wrong:
        axes.plot([start + 0.2, start + 1.3], [height - 0.42] * 2, color=WRONG, linewidth=1.2)


def draw_cleavages(
    axes: Axes,
    names: Sequence[str],
    found: Mapping[str, Collection[int]],
    scores: Sequence[float] = (),
    regions: Sequence[Region] = (),
    fontsize: float = 11.0,
) -> None:
    """Write a peptide with its observed cleavages.

    ``found`` holds the ordinals of b and y ions: hooks below gaps are b ions, hooks above are y
    ions, each pointing to its terminus. ``scores`` are probabilities, drawn as bars; ``regions`` of
    undetermined order have dashed frames; ``fontsize`` holds for up to 24 residues.
    """
    residues = [name for name in names if not name.endswith("-")]
    width = max(len(residues), _MIN_CELLS)
    middle = len(residues) / 2
    axes.set_axis_off()
    axes.set_xlim(middle - width / 2 - 0.5, middle + width / 2 + 0.5)
    axes.set_ylim(_BAR_BASE - 0.05 if scores else 0.0, 1.0)
    size = fontsize * min(1.0, (_MIN_CELLS / width) ** 0.8)
    for place, name in enumerate(residues):
        _write(axes, place + 0.5, name[0], fontsize=size)
        if short_name(name) != name:
            _write(axes, place + 0.8, "*", fontsize=0.85 * size)
    if len(residues) < len(names):
        _write(axes, 0.1, "*", fontsize=0.85 * size)
    for region in regions:
        frame = {"edgecolor": "0.35", "linestyle": "--", "linewidth": 0.8, "alpha": 0.45}
        corner, length = (region.start - 0.93, 0.2), region.end - region.start + 0.86
        axes.add_patch(Rectangle(corner, length, 0.6, facecolor="#F0E442", zorder=0.5, **frame))
    for series, ordinals in found.items():
        for ordinal in ordinals:
            _hook(axes, series, ordinal, len(residues))
    for place, score in enumerate(scores):
        _bar(axes, place, score)


def _write(axes: Axes, x: float, letter: str, height: float = 0.49, **font: object) -> None:
    axes.text(x, height, letter, family="monospace", ha="center", va="center", **font)  # pyright: ignore[reportArgumentType]


def _hook(axes: Axes, series: str, ordinal: int, n_residues: int) -> None:
    is_n_terminal = series == "b"
    gap = ordinal if is_n_terminal else n_residues - ordinal
    tip, end = (gap - 0.4, 0.06) if is_n_terminal else (gap + 0.4, 0.94)
    line = {"linewidth": 1.1, "solid_joinstyle": "miter", "clip_on": False}
    axes.plot([gap, gap, tip], [0.5, end, end], color=SERIES_COLOURS[series], **line)


def _bar(axes: Axes, place: int, score: float) -> None:
    colour = _HIGH if score >= 0.9 else _MEDIUM if score >= 0.5 else _LOW
    corner = (place + 0.15, _BAR_BASE)
    # The background shows the height of probability 1.
    axes.add_patch(Rectangle(corner, 0.7, _BAR_HEIGHT, facecolor="0.92"))
    axes.add_patch(Rectangle(corner, 0.7, _BAR_HEIGHT * score, facecolor=colour))
