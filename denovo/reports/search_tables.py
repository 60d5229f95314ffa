"""Tables of search results that were matched to spectra, and of their comparison with answers."""

from collections import Counter

from denovo.evaluation import BOTH, Outcome, SearchComparison
from denovo.io.predictions.rejected import kind_of
from denovo.io.search import SearchResults
from denovo.reports.table import Table, reason_table, text_of

_DIFFERENT = Outcome.DIFFERENT.value


def search_tables(found: SearchResults) -> list[Table]:
    """Make the tables of rows by fate, and of the reasons why accepted rows have no spectrum."""
    rows = tuple((fate, f"{number:,}") for fate, number in found.counts.items())
    programs = ", ".join(dict.fromkeys(found.programs))
    tables = [Table(("rows", "number"), rows, f"Rows of the search results ({programs})")]
    if found.mismatches:
        reasons = Counter(kind_of(each.reason) for each in found.mismatches)
        caption = f"Accepted rows without a spectrum; first: {found.mismatches[0].sentence}"
        tables.append(reason_table(caption, reasons))
    return tables


def outcome_table(found: SearchComparison) -> Table:
    """Make the table of spectra by outcome."""
    total = len(found.rows)
    rows = tuple(
        (outcome.value, f"{number:,}", f"{number / total:.1%}")
        for outcome, number in found.counts().items()
    )
    caption = f"Spectra by outcome, {found.program} and the search at q <= {found.max_q_value:g}"
    return Table(("outcome", "spectra", "share"), rows, caption)


def level_table(found: SearchComparison) -> Table:
    """Make the table of agreement by the q-value of the answers."""
    rows = []
    for level, n_answers, relations in found.levels():
        n_both = sum(relations.values())
        n_agreed = n_both - relations[Outcome.DIFFERENT]
        cells = (
            "all" if level is None else f"q <= {level:g}",
            *(f"{number:,}" for number in (n_answers, n_both, *relations.values())),
            f"{n_agreed / n_both:.1%}" if n_both else "",
        )
        rows.append(cells)
    headings = ("accepted", "answers", "in the search", *(each.value for each in BOTH), "agreement")
    caption = "Answers by their q-value, and their relation to the peptides of the search"
    return Table(headings, tuple(rows), caption)


def disagreement_table(found: SearchComparison, n_rows: int) -> Table:
    """Make the table of the most probable answers that differ from the search."""
    names = ("title", "denovo_peptide", "search_peptide", "probability", "score", "search_score")
    columns = [found.rows[name].tolist() for name in ("outcome", *names)]
    differing = [row for outcome, *row in zip(*columns, strict=True) if outcome == _DIFFERENT]
    # NaN, the probability of programs that state none, does not order.
    differing.sort(key=lambda row: (-row[3] if row[3] == row[3] else 0.0, -row[4]))
    cells = tuple(tuple(map(text_of, row)) for row in differing[:n_rows])
    headings = ("spectrum", "de novo", "search", "probability", "score", "score of the search")
    caption = f"{len(differing):,} spectra with different peptides"
    if len(differing) > n_rows:
        caption += f"; the first {n_rows}"
    return Table(headings, cells, caption, n_text=3)


def lead_of(found: SearchComparison) -> str:
    """Say in one sentence how often answers and search agree."""
    counts = found.counts()
    n_agreed = counts[Outcome.SAME] + counts[Outcome.EQUAL_MASS]
    n_both = n_agreed + counts[Outcome.DIFFERENT]
    share = f" ({n_agreed / n_both:.1%})" if n_both else ""
    return (
        f"Of {len(found.rows):,} spectra, {n_both:,} have an accepted peptide of {found.program} "
        f"and of the search, and {n_agreed:,} of these{share} agree; "
        f"{counts[Outcome.DENOVO]:,} have one of {found.program} alone, "
        f"{counts[Outcome.SEARCH]:,} of the search alone."
    )
