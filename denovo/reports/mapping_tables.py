"""Tables of answers mapped to proteins."""

from collections.abc import Sequence
from textwrap import shorten

from denovo.proteins import FOUND, KindRow, LevelRow, Mapping, ProteinRow
from denovo.reports.table import Table

_MAX_DESCRIPTION = 48
_ROLES = ("leading", "same set")


def kind_table(rows: Sequence[KindRow]) -> Table:
    """Make the table of matches by kind, with those in the shuffled proteins."""
    cells = [
        (
            row.kind.value,
            f"{row.n_target:,}",
            _share(row.n_target, row.n_answers),
            f"{row.n_chance:,}",
            _share(row.n_chance, row.n_answers),
            "" if row.false_share is None else f"{row.false_share:.1%}",
        )
        for row in rows
    ]
    headings = ("match", "answers", "share", "by chance", "share by chance", "accidental")
    caption = (
        "Answers by their match; by chance: in the shuffled proteins; accidental: chance matches "
        "for each match"
    )
    return Table(headings, tuple(cells), caption)


def level_table(rows: Sequence[LevelRow]) -> Table:
    """Make the table of wrong answers by probabilities and by proteins."""
    cells = [
        (
            "all" if row.level is None else f"q <= {row.level:g}",
            f"{row.n_answers:,}",
            f"{row.n_found:,}",
            f"{row.n_target:,}",
            f"{row.n_chance:,}",
            f"{row.predicted:.1%}",
            f"{row.wrong:.1%} ({row.low:.1%}-{row.high:.1%})",
        )
        for row in rows
    ]
    headings = (
        *("accepted", "answers", "matched", "as stated", "by chance"),
        *("wrong by probability", "wrong by proteins"),
    )
    caption = (
        "Wrong answers by their probabilities, and by the proteins with a 95 % interval; as "
        "stated: exact, I=L or deamidation"
    )
    return Table(headings, tuple(cells), caption)


def end_table(mapping: Mapping, enzyme: str) -> Table:
    """Make the table of matched answers by the ends that the enzyme explains."""
    counts = mapping.enzyme_end_counts()
    total = sum(counts)
    labels = ("no end", "one end", "both ends")
    rows = zip(labels, counts, strict=True)
    cells = tuple((label, f"{count:,}", _share(count, total)) for label, count in rows)
    caption = f"Matched answers by the ends that {enzyme} or the end of a protein explains"
    return Table(("ends", "answers", "share"), cells[::-1], caption)


def protein_table(
    rows: Sequence[ProteinRow], n_rows: int, max_description: int = _MAX_DESCRIPTION
) -> Table:
    """Make the table of the first proteins without subsets, with descriptions of some length."""
    shown = [row for row in rows if row.role in _ROLES]
    n_groups = sum(row.role == "leading" for row in rows)
    cells = [
        (
            row.accession,
            shorten(row.description, max_description, placeholder=" …"),
            f"{row.group}",
            f"{row.n_answers:,}",
            f"{row.n_peptides:,}",
            f"{row.n_unique:,}",
            f"{row.coverage:.1%}",
            "" if row.mean_probability != row.mean_probability else f"{row.mean_probability:.2f}",
        )
        for row in shown[:n_rows]
    ]
    headings = (
        *("protein", "description", "group", "answers", "peptides", "unique", "coverage"),
        "mean probability",
    )
    caption = f"Proteins with a match: {len(rows):,}, in groups: {n_groups:,}"
    if len(shown) > n_rows:
        caption += f"; the first {n_rows}; the CSV file has all"
    return Table(headings, tuple(cells), caption, n_text=2)


def lead_of(rows: Sequence[KindRow]) -> str:
    """Say in one sentence how many answers are found."""
    n_answers = rows[0].n_answers
    found, chance = (
        sum(getattr(row, name) for row in rows if row.kind in FOUND)
        for name in ("n_target", "n_chance")
    )
    return (
        f"{found:,} of {n_answers:,} answers ({_share(found, n_answers)}) match a protein, and "
        f"{chance:,} ({_share(chance, n_answers)}) a shuffled one."
    )


def _share(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else ""
