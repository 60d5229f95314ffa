"""Tables of text in every form."""

from io import StringIO

import pytest
from jinja2 import Environment
from rich.console import Console

from denovo.reports.table import Table, print_tables, text_of

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


def test_as_html_words_are_flush_left_and_text_is_escaped():
    table = Table(("set", "<i>", "n"), (("a & b", '"c"', "1"),), "<b>", n_text=2)
    assert table.__html__() == (
        '<div class="wide" tabindex="0" role="region" aria-label="&lt;b&gt;">\n'
        "<table>\n<caption>&lt;b&gt;</caption>\n"
        '<thead><tr><th scope="col" class="text">set</th>'
        '<th scope="col" class="text">&lt;i&gt;</th><th scope="col">n</th></tr></thead>\n'
        '<tbody>\n<tr><th scope="row" class="text">a &amp; b</th>'
        '<td class="text">&quot;c&quot;</td><td>1</td></tr>\n</tbody>\n</table>\n</div>'
    )


def test_a_template_shows_a_table_as_it_is():
    environment = Environment(autoescape=True)
    assert environment.from_string("{{ table }}").render(table=TABLE) == TABLE.__html__()


def test_columns_of_words_are_counted_after_empty_ones_have_gone():
    table = Table(("name", "empty", "n"), (("a", "", "1"),), n_text=2).without_empty_columns()
    assert (table.headings, table.n_text) == (("name", "n"), 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (float("nan"), ""), (0.12345, "0.123"), (12345.6, "12,346"), (7, "7"), ("x", "x")],
)
def test_values_become_cells(value, text):
    assert text_of(value) == text


def test_lines_of_text_stand_between_tables_as_they_are():
    stream = StringIO()
    print_tables(["a [red] line" * 20], Console(file=stream, width=40))
    assert stream.getvalue() == "a [red] line" * 20 + "\n"
