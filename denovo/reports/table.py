"""Tables of text: on a terminal, as Markdown, and on pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """Headings and rows of text.

    Parameters
    ----------
    headings : tuple of str
        One per column; the first column holds words, the others numbers.
    rows : tuple of tuple of str
        As many cells as headings each; what is missing is empty.
    caption : str
        What the table shows.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def without_empty_columns(self) -> "Table":
        """Leave out the columns without any cell."""
        columns = list(zip_longest(self.headings, *self.rows, fillvalue=""))
        kept = [column for column in columns if any(column[1:])]
        if not kept:
            return self
        headings, *rows = zip(*kept, strict=True)
        return Table(headings, tuple(rows), self.caption)

    def rich(self) -> RichTable:
        """Lay the table out for a terminal."""
        title = escape(self.caption) or None
        table = RichTable(
            title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
        )
        for number, heading in enumerate(self.headings):
            justify = "right" if number else "left"
            table.add_column(escape(heading), justify=justify, overflow="fold")
        for row in self.rows:
            table.add_row(*map(escape, row))
        return table

    def markdown(self) -> str:
        """Write the table as Markdown, under its caption."""
        lines = [self.headings, ("---", *["---:"] * (len(self.headings) - 1)), *self.rows]
        escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
        text = "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)
        return f"**{self.caption}**\n\n{text}\n" if self.caption else f"{text}\n"


def print_tables(tables: Iterable[Table], console: Console | None = None) -> None:
    """Print tables: laid out on a terminal; elsewhere as Markdown, of which nothing is cut."""
    console = console or Console()
    for table in tables:
        if console.is_terminal:
            console.print(table.rich())
        else:
            print_text(table.markdown(), console)


def print_text(text: str, console: Console | None = None) -> None:
    """Print text as it is, however long its lines are."""
    console = console or Console()
    console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)
