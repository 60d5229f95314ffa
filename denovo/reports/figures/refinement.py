"""Picture of an answer after each refinement step."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from denovo.reports.figures.peptide import RIGHT, WRONG, short_name
from denovo.reports.figures.style import new_figure
from denovo.reports.runs import Example

_SHADES = {True: "#CFE8DF", False: "#F6D3D6"}


def draw_refinement(example: Example) -> Figure | None:
    """Draw the residues (columns) and soft errors of all refinement steps (rows); None without."""
    steps = example.refinements
    if not steps:
        return None
    width = max([len(example.peptide), *(len(step.residues) for step in steps)])
    with new_figure(7.2, 0.9 + 0.27 * len(steps)) as figure:
        axes = figure.add_subplot()
        for row, step in enumerate(steps):
            before = steps[row - 1].residues if row else step.residues
            for column, residue in enumerate(step.residues):
                is_same = column < len(before) and before[column].name == residue.name
                edge = "none" if is_same else "black"
                cell = (column - 0.46, row - 0.44)
                axes.add_patch(
                    Rectangle(cell, 0.92, 0.88, facecolor=_SHADES[residue.is_right], edgecolor=edge)
                )
                axes.text(
                    column,
                    row,
                    short_name(residue.name),
                    color=RIGHT if residue.is_right else WRONG,
                    fontweight="normal" if residue.is_right else "bold",
                    ha="center",
                    va="center",
                )
            axes.text(width, row, f"{step.ppm_error:+,.0f}", va="center")
        axes.set(xlim=(-0.6, width + 2.2), ylim=(len(steps) - 0.5, -0.6))
        axes.set_xticks(range(len(example.peptide)), [short_name(n) for n in example.peptide])
        axes.set_yticks(range(len(steps)), [str(number) for number in range(1, len(steps) + 1)])
        axes.set_ylabel("refinement step")
        axes.set_xlabel("true peptide")
        axes.set_title("soft error (ppm)", loc="right", fontsize=8.5)
        axes.grid(visible=False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(length=0)
    return figure
