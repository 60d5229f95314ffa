"""Tables of text in every form."""

from io import StringIO

from rich.console import Console

from denovo.reports.table import Table, print_tables

TABLE = Table(("set", "n", "nothing"), (("a|b [red]", "1,000", ""), ("c", "2", "")), "All [sets]")


def printed(is_terminal: bool) -> str:
    stream = StringIO()
    print_tables([TABLE], Console(file=stream, force_terminal=is_terminal, width=60, no_color=True))
    return stream.getvalue()


def test_elsewhere_than_on_a_terminal_a_table_is_markdown():
    assert printed(False).splitlines() == [
        "**All [sets]**",
        "",
        "| set | n | nothing |",
        "| --- | ---: | ---: |",
        r"| a\|b [red] | 1,000 |  |",
        "| c | 2 |  |",
        "",
    ]


def test_on_a_terminal_it_is_laid_out_and_nothing_is_taken_for_markup():
    text = printed(True)
    for words in ("All [sets]", "a|b [red]", "1,000"):
        assert words in text


def test_columns_without_any_cell_are_left_out():
    assert TABLE.without_empty_columns().headings == ("set", "n")
    assert Table(("set",), ()).without_empty_columns().headings == ("set",)
