"""Page of answers mapped to proteins."""

from collections.abc import Mapping as Settings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from denovo.io import write_text
from denovo.proteins import Mapping, ProteinRow, disagreement, kind_rows, level_rows
from denovo.reports.figures.gallery import Picture
from denovo.reports.figures.proteins import draw_coverage, draw_kinds
from denovo.reports.html.rendering import fill, inline
from denovo.reports.mapping_tables import (
    end_table,
    kind_table,
    lead_of,
    level_table,
    protein_table,
)
from denovo.reports.table import settings_table

_MAX_DRAWN = 30
_MAX_LISTED = 1000
_MAX_DESCRIPTION = 300


def write_mapping_report(
    path: Path, mapping: Mapping, proteins: Sequence[ProteinRow], settings: Settings[str, Any]
) -> None:
    """Write the page of answers mapped to proteins.

    Parameters
    ----------
    path : Path
        The HTML file.
    mapping : Mapping
        Answers mapped to proteins.
    proteins : sequence of ProteinRow
        Table of proteins.
    settings : mapping
        Files and settings, with the entries ``enzyme`` and ``max_q_value``.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    kinds, levels = kind_rows(mapping), level_rows(mapping)
    kinds_picture = Picture(
        "kinds",
        "Matches and chance",
        "Share of answers with each kind of match; an answer counts for the first kind that fits. "
        "Grey: the same in the shuffled proteins, where every match is accidental.",
        draw_kinds(kinds),
    )
    limit: float | None = settings["max_q_value"]
    leading = [row for row in proteins if row.role == "leading"]
    page = fill(
        "mapping.html.j2",
        lead=lead_of(kinds),
        warning=disagreement(levels),
        kinds=kind_table(kinds),
        ends=end_table(mapping, str(settings["enzyme"])),
        levels=level_table(levels),
        kinds_picture=inline(kinds_picture),
        coverage=inline(_coverage(mapping, leading, limit)) if leading else None,
        proteins=protein_table(proteins, _MAX_LISTED, _MAX_DESCRIPTION),
        settings=settings_table(settings),
    )
    write_text(path, page)


def _coverage(mapping: Mapping, leading: Sequence[ProteinRow], limit: float | None) -> Picture:
    shown = leading[:_MAX_DRAWN]
    caption = (
        f"Matched peptides of the leading proteins of {len(shown)} of {len(leading):,} groups, "
        "those that explain the most peptides. Each protein is one bar; peptides as stated are at "
        "the top, those matched through order or equal mass in the middle, through an alternative "
        "at the bottom."
    )
    figure = draw_coverage(mapping, shown, limit)
    return Picture("coverage", "Coverage of proteins", caption, figure)
