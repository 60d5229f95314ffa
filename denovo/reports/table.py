"""Tables of text, rendered for a terminal, as Markdown and as HTML."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

_MAX_REASONS = 20


@dataclass(frozen=True)
class Table:
    """Headings and rows of text.

    Parameters
    ----------
    headings : tuple of str
        One per column.
    rows : tuple of tuple of str
        One cell per heading; a missing value is an empty cell.
    caption : str
        What the table shows.
    n_text : int
        Number of leading columns that hold words and are flush left; the others hold numbers.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    n_text: int = 1

    def without_empty_columns(self) -> "Table":
        """Remove the columns whose cells are all empty."""
        columns = list(zip_longest(self.headings, *self.rows, fillvalue=""))
        kept = [any(column[1:]) for column in columns]
        if not any(kept):
            return self
        shown = [column for column, is_kept in zip(columns, kept, strict=True) if is_kept]
        headings, *rows = zip(*shown, strict=True)
        return Table(headings, tuple(rows), self.caption, sum(kept[: self.n_text]))

    def rich(self) -> RichTable:
        """Render the table for a terminal."""
        title = Text(self.caption) if self.caption else None
        table = RichTable(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
        for number, heading in enumerate(self.headings):
            justify = "left" if number < self.n_text else "right"
            table.add_column(Text(heading), justify=justify, overflow="fold")
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table

    def markdown(self) -> str:
        """Render the table as Markdown, below its caption."""
        rules = ["---" if k < self.n_text else "---:" for k in range(len(self.headings))]
        lines = [self.headings, rules, *self.rows]
        escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
        text = "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)
        return f"**{self.caption}**\n\n{text}\n" if self.caption else f"{text}\n"

    def __html__(self) -> str:
        """Render the table as HTML with all text escaped; Jinja calls this method."""
        caption = escape(self.caption)
        headings = "".join(self._cell(k, text, "col") for k, text in enumerate(self.headings))
        rows = "\n".join(
            f"<tr>{''.join(self._cell(k, text) for k, text in enumerate(row))}</tr>"
            for row in self.rows
        )
        return (
            f'<div class="wide" tabindex="0" role="region" aria-label="{caption}">\n'
            f"<table>\n<caption>{caption}</caption>\n<thead><tr>{headings}</tr></thead>\n"
            f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
        )

    def _cell(self, column: int, text: str, scope: str = "") -> str:
        scope = scope or ("row" if column == 0 else "")
        opening = f'th scope="{scope}"' if scope else "td"
        words = ' class="text"' if column < self.n_text else ""
        return f"<{opening}{words}>{escape(text)}</{opening[:2]}>"


def text_of(value: object, form: str = ".3g") -> str:
    """Write a value for a cell: None and NaN are empty, floats of 1000 or more have no decimals."""
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if value != value:
        return ""
    return format(value, form) if abs(value) < 1000 else f"{value:,.0f}"


def settings_table(settings: Mapping[str, Any]) -> Table:
    """Make the table of settings; lists and mappings become one line."""
    return Table(
        ("setting", "value"),
        tuple((name, _one_line(value)) for name, value in settings.items()),
        "Settings",
        n_text=2,
    )


def _one_line(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {entry}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "none" if value is None else str(value)


def reason_table(caption: str, reasons: Mapping[str, int]) -> Table:
    """Make the table of the most frequent reasons why entries were left out."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    rows = [(reason, f"{number:,}") for reason, number in ordered[:_MAX_REASONS]]
    rest = sum(number for _, number in ordered[_MAX_REASONS:])
    rows += [("other reasons", f"{rest:,}")] if rest else []
    return Table(("reason", "entries"), tuple(rows), caption)


def print_tables(parts: Iterable[Table | str], console: Console | None = None) -> None:
    """Print tables, laid out on a terminal and as uncut Markdown elsewhere, and lines of text."""
    console = console or Console()
    for part in parts:
        if isinstance(part, Table) and console.is_terminal:
            console.print(part.rich())
        else:
            print_text(part.markdown() if isinstance(part, Table) else part, console)


def print_text(text: str, console: Console | None = None) -> None:
    """Print text without markup and without breaking long lines."""
    console = console or Console()
    console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)
