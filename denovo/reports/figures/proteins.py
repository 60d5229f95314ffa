"""Pictures of answers mapped to proteins: kinds of match, coverage of proteins."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, PercentFormatter

from denovo.proteins import KINDS, KindRow, Mapping, Match, ProteinRow
from denovo.reports.figures.style import COLOURS, new_figure, shortened

_STATED = (Match.EXACT, Match.I_OR_L, Match.DEAMIDATION)
_CLASSES = {
    "as stated": (_STATED, COLOURS[0]),
    "order or equal mass": ((Match.ORDER, Match.EQUAL_MASS), COLOURS[1]),
    "alternative": ((Match.ALTERNATIVE,), COLOURS[2]),
}
_MIN_SHARE = 0.01
"""Smallest length of the axis of shares, for answers that match nothing."""
_HEIGHT = 0.24
"""Height of a peptide of one class, relative to the distance of two proteins."""


def draw_kinds(rows: Sequence[KindRow]) -> Figure:
    """Draw the share of answers with each kind of match, in the proteins and by chance."""
    shown = [row for row in rows if row.kind is not Match.NONE]
    places = np.arange(len(shown))[::-1]
    n_answers = max(rows[0].n_answers, 1)
    with new_figure(7.5, 3.0) as figure:
        axes = figure.subplots()
        for shift, name, label, colour in (
            (0.2, "n_target", "proteins", COLOURS[0]),
            (-0.2, "n_chance", "shuffled proteins (chance)", COLOURS[7]),
        ):
            counts = [getattr(row, name) for row in shown]
            shares = [count / n_answers for count in counts]
            axes.barh(places + shift, shares, height=0.36, color=colour, label=label)
            for place, share, count in zip(places, shares, counts, strict=True):
                axes.annotate(
                    f"{count:,}", (share, place + shift), (3, 0), textcoords="offset points",
                    va="center", fontsize=7,
                )  # fmt: skip
        axes.set_yticks(places, [row.kind.value for row in shown])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))
        largest = max(max(row.n_target, row.n_chance) for row in shown) / n_answers
        axes.set_xlim(0, max(1.1 * largest, _MIN_SHARE))
        axes.set_xlabel("share of answers")
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside upper left", ncols=2)
    return figure


def draw_coverage(
    mapping: Mapping, proteins: Sequence[ProteinRow], max_q_value: float | None = None
) -> Figure:
    """Draw proteins as bars of equal width with their matched peptides, a row for each class.

    ``max_q_value`` is the one of the table of proteins.
    """
    with new_figure(8.6, 1.2 + 0.36 * len(proteins)) as figure:
        axes = figure.subplots()
        accepted = mapping.accepted(max_q_value)
        owners = mapping.proteins.protein_of[accepted.places]
        for row, protein in enumerate(proteins):
            height = len(proteins) - 1 - row
            axes.barh(height, 1.0, height=0.78, color="0.93", linewidth=0)
            hits = accepted.where(owners == protein.number)
            first = (hits.places - mapping.proteins.starts[protein.number]) / protein.length
            width = hits.lengths / protein.length
            for number, (kinds, colour) in enumerate(_CLASSES.values()):
                chosen = np.isin(mapping.kinds[hits.rows], [KINDS.index(kind) for kind in kinds])
                spans = sorted(
                    set(zip(first[chosen].tolist(), width[chosen].tolist(), strict=True))
                )
                low = height + 0.38 - (number + 1) * _HEIGHT
                axes.broken_barh(
                    spans, (low, _HEIGHT), facecolors=colour, edgecolors="white", linewidth=0.4
                )
            text = (
                f"{protein.coverage:.1%}, {protein.n_peptides} peptide"
                f"{'s' if protein.n_peptides > 1 else ''} ({protein.n_unique} unique), "
                f"{protein.length:,} residues"
            )
            axes.annotate(
                text, (1.0, height), (5, 0), textcoords="offset points", va="center", fontsize=7,
                annotation_clip=False,
            )  # fmt: skip
        names = [shortened(protein.accession, 20) for protein in proteins]
        axes.set_yticks(range(len(names)), names[::-1], fontsize=8)
        axes.set_ylim(-0.6, len(proteins) - 0.4)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("position in the protein, relative to its length")
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        handles = [Patch(color=colour, label=name) for name, (_, colour) in _CLASSES.items()]
        figure.legend(handles=handles, loc="outside upper left", ncols=3)
    return figure
