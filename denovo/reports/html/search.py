"""Page of answers compared with search results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from denovo.evaluation import SearchComparison
from denovo.io import write_text
from denovo.io.search import SearchResults
from denovo.reports.figures.gallery import Picture
from denovo.reports.figures.search import draw_agreement
from denovo.reports.html.rendering import fill, inline
from denovo.reports.search_tables import (
    disagreement_table,
    lead_of,
    level_table,
    outcome_table,
    search_tables,
)
from denovo.reports.table import settings_table

_MAX_LISTED = 100


def write_search_report(
    path: Path, found: SearchComparison, search: SearchResults, settings: Mapping[str, Any]
) -> None:
    """Write the page of answers compared with search results.

    Parameters
    ----------
    path : Path
        The HTML file.
    found : SearchComparison
        The comparison.
    search : SearchResults
        The search results.
    settings : mapping
        Files and settings.

    Raises
    ------
    InputError
        If the page cannot be written.
    """
    picture = Picture(
        "agreement",
        "Agreement by probability",
        "Answers by their probability, or by their score if the program states none, coloured by "
        "their relation to the accepted peptides of the search.",
        draw_agreement(found),
    )
    page = fill(
        "search.html.j2",
        lead=lead_of(found),
        outcomes=outcome_table(found),
        levels=level_table(found),
        picture_of_agreement=inline(picture),
        disagreements=disagreement_table(found, _MAX_LISTED),
        rows=search_tables(search),
        notes=[*search.notes, *found.notes],
        settings=settings_table(settings),
    )
    write_text(path, page)
