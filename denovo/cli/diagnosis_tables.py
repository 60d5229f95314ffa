"""Tables that `denovo diagnose` prints."""

from collections.abc import Sequence

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from denovo.evaluation.diagnosis.mass import MassTrace
from denovo.losses import PrecursorMassLoss


def print_trace(console: Console, number: int, trace: MassTrace, loss: PrecursorMassLoss) -> None:
    """Print one spectrum position by position, then the error and what the loss makes of it."""
    table = _table(
        *(">", "true", "says", ">p", ">p true", ">special"),
        *(">true Da", ">mean Da", ">prefix", ">off by"),
        title=f"spectrum {number}: {escape(trace.peptide)}, charge {trace.charge}",
    )
    for place, position in enumerate(trace.positions, start=1):
        is_end = place == len(trace.positions)
        masses = (position.true_mass, position.expected_mass, position.expected_prefix)
        off = position.expected_prefix - position.true_prefix
        table.add_row(
            "" if is_end else str(place),
            escape(position.true),
            escape(position.top),
            f"{position.probability:.2f}",
            f"{position.true_probability:.2f}",
            f"{position.special_probability:.2f}",
            *([""] * 4 if is_end else [*(f"{mass:.2f}" for mass in masses), f"{off:+.2f}"]),
        )
    console.print(table)
    console.print(
        f"expected {trace.expected_mass:.4f} Da, precursor {trace.precursor_mass:.4f} Da: "
        f"off by {trace.error_da:+.4f} Da, {trace.error_ppm:+,.1f} ppm\n"
        f"{_describe(loss)}: loss {trace.loss:.4g}, slope {trace.slope:.4g} per {loss.unit}\n",
        highlight=False,
        soft_wrap=True,
    )


def _describe(loss: PrecursorMassLoss) -> str:
    divided = ", divided by it" if loss.normalize else ""
    return f"penalty {loss.penalty} with loss_scale {loss.loss_scale:g} {loss.unit}{divided}"


def print_traces(console: Console, traces: Sequence[MassTrace]) -> None:
    """Print one line for each spectrum."""
    table = _table(
        *(">", "peptide", ">right", ">special", ">precursor"),
        *(">Da", ">ppm", ">loss", ">slope"),
        title="the whole batch",
    )
    for number, trace in enumerate(traces, start=1):
        table.add_row(
            str(number),
            escape(trace.peptide),
            f"{trace.share_right:.2f}",
            f"{trace.special_probability:.2f}",
            f"{trace.precursor_mass:.2f}",
            f"{trace.error_da:+.3f}",
            f"{trace.error_ppm:+,.0f}",
            f"{trace.loss:.4g}",
            f"{trace.slope:.3g}",
        )
    console.print(table)


def print_members(console: Console, members: pd.DataFrame, loss_scale: float) -> None:
    """Print value and gradient of each member of the family for each error."""
    names = list(dict.fromkeys(members["member"]))
    console.print(f"Penalties with loss_scale {loss_scale:g} ppm")
    for column, title in (("value", "value"), ("slope", "gradient by the error")):
        table = _table(">error ppm", *(f">{name}" for name in names), title=title)
        for error, rows in members.groupby("error", sort=True):
            cells = [
                "0 (dead)" if column == "slope" and dead else f"{value:.5g}"
                for value, dead in zip(rows[column], rows["is_dead"], strict=True)
            ]
            table.add_row(f"{error:,.0f}", *cells)
        console.print(table)
    dead = list(dict.fromkeys(members.loc[members["is_dead"], "member"]))
    if dead:
        console.print(f"dead, a loss without any gradient: {', '.join(dead)}")


def print_batch(
    console: Console, batch: pd.DataFrame, name: str, median_error: float, unit: str
) -> None:
    """Print the gradient norms of each member on one batch."""
    console.print(
        f"\nOn a batch read by {name}, median error {median_error:,.0f} {unit}:", soft_wrap=True
    )
    table = _table("member", ">loss", ">gradient norm by the logits", ">spectra without gradient")
    for row in batch.to_dict("records"):
        figures = (f"{row['loss']:.5g}", f"{row['gradient_norm']:.3g}", f"{row['dead_share']:.0%}")
        table.add_row(str(row["member"]), *figures)
    console.print(table)


def print_vocabulary(console: Console, table: pd.DataFrame, alphabet: str) -> None:
    """Print the tokens that `compare_vocabulary` lists, one to a line."""
    has_state = "stored_name" in table
    console.print(f"{len(table)} tokens of the alphabet {alphabet}")
    stored = ("stored", ">stored Da") if has_state else ()
    printed = _table(">", "token", ">Da", ">pyteomics", *stored, "")
    for number, row in enumerate(table.to_dict("records")):
        cells = [str(row["name"]), f"{row['mass']:.6f}", f"{row['pyteomics']:.6f}"]
        cells += [str(row["stored_name"]), f"{row['stored_mass']:.6f}"] if has_state else []
        verdict = "" if row["is_equal"] else "differs"
        printed.add_row(str(number), *map(escape, cells), verdict)
    console.print(printed)


def _table(*columns: str, title: str | None = None) -> Table:
    """Make a table; columns whose name starts with > hold numbers, flush right and never cut."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", padding=(0, 1, 0, 0))
    for column in columns:
        is_number = column.startswith(">")
        table.add_column(
            column.removeprefix(">"),
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
        )
    return table
