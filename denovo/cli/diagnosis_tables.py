"""Tables that `denovo diagnose` prints."""

from collections.abc import Sequence

import pandas as pd
from rich.console import Console

from denovo.evaluation.diagnosis.mass import MassTrace
from denovo.losses import PrecursorMassLoss
from denovo.reports.table import Table, print_tables, print_text


def print_trace(console: Console, number: int, trace: MassTrace, loss: PrecursorMassLoss) -> None:
    """Print the positions of one spectrum, its mass error, and the loss of that error."""
    rows = []
    for place, position in enumerate(trace.positions, start=1):
        is_end = place == len(trace.positions)
        masses = (position.true_mass, position.expected_mass, position.expected_prefix)
        off = position.expected_prefix - position.true_prefix
        rows.append(
            (
                *("" if is_end else str(place), position.true, position.top),
                f"{position.probability:.2f}",
                f"{position.true_probability:.2f}",
                f"{position.special_probability:.2f}",
                *([""] * 4 if is_end else [*(f"{mass:.2f}" for mass in masses), f"{off:+.2f}"]),
            )
        )
    headings = (
        *("", "true", "says", "p", "p true", "special"),
        *("true Da", "mean Da", "prefix", "off by"),
    )
    caption = f"spectrum {number}: {trace.peptide}, charge {trace.charge}"
    print_tables([Table(headings, tuple(rows), caption, n_text=3)], console)
    print_text(
        f"expected {trace.expected_mass:.4f} Da, precursor {trace.precursor_mass:.4f} Da: "
        f"off by {trace.error_da:+.4f} Da, {trace.error_ppm:+,.1f} ppm\n"
        f"{_describe(loss)}: loss {trace.loss:.4g}, slope {trace.slope:.4g} per {loss.unit}\n",
        console,
    )


def _describe(loss: PrecursorMassLoss) -> str:
    divided = ", divided by it" if loss.normalize else ""
    return f"penalty {loss.penalty} with loss_scale {loss.loss_scale:g} {loss.unit}{divided}"


def print_traces(console: Console, traces: Sequence[MassTrace]) -> None:
    """Print one line for each spectrum."""
    rows = [
        (
            *(str(number), trace.peptide, f"{trace.share_right:.2f}"),
            *(f"{trace.special_probability:.2f}", f"{trace.precursor_mass:.2f}"),
            *(f"{trace.error_da:+.3f}", f"{trace.error_ppm:+,.0f}"),
            *(f"{trace.loss:.4g}", f"{trace.slope:.3g}"),
        )
        for number, trace in enumerate(traces, start=1)
    ]
    headings = ("", "peptide", "right", "special", "precursor", "Da", "ppm", "loss", "slope")
    print_tables([Table(headings, tuple(rows), "the whole batch", n_text=2)], console)


def print_members(console: Console, members: pd.DataFrame, loss_scale: float) -> None:
    """Print value and gradient of each penalty for each error."""
    names = tuple(dict.fromkeys(members["member"]))
    print_text(f"Penalties with loss_scale {loss_scale:g} ppm", console)
    for column, caption in (("value", "value"), ("slope", "gradient by the error")):
        table = []
        for error, rows in members.groupby("error", sort=True):
            cells = [
                "0 (dead)" if column == "slope" and dead else f"{value:.5g}"
                for value, dead in zip(rows[column], rows["is_dead"], strict=True)
            ]
            table.append((f"{error:,.0f}", *cells))
        print_tables([Table(("error ppm", *names), tuple(table), caption, n_text=0)], console)
    dead = list(dict.fromkeys(members.loc[members["is_dead"], "member"]))
    if dead:
        print_text(f"dead, a loss without any gradient: {', '.join(dead)}", console)


def print_batch(
    console: Console, batch: pd.DataFrame, name: str, median_error: float, unit: str
) -> None:
    """Print the gradient norm of each penalty on one batch."""
    print_text(f"\nOn a batch read by {name}, median error {median_error:,.0f} {unit}:\n", console)
    rows = [
        (
            *(str(row["member"]), f"{row['loss']:.5g}", f"{row['gradient_norm']:.3g}"),
            f"{row['dead_share']:.0%}",
        )
        for row in batch.to_dict("records")
    ]
    headings = ("member", "loss", "gradient norm by the logits", "spectra without gradient")
    print_tables([Table(headings, tuple(rows))], console)


def print_vocabulary(console: Console, table: pd.DataFrame, alphabet: str) -> None:
    """Print the tokens that `compare_vocabulary` lists, one to a line."""
    has_state = "stored_name" in table
    rows = []
    for number, row in enumerate(table.to_dict("records")):
        stored = [str(row["stored_name"]), f"{row['stored_mass']:.6f}"] if has_state else []
        masses = (f"{row['mass']:.6f}", f"{row['pyteomics']:.6f}")
        verdict = "" if row["is_equal"] else "differs"
        rows.append((str(number), str(row["name"]), *masses, *stored, verdict))
    headings = ("", "token", "Da", "pyteomics", *(("stored", "stored Da") * has_state), "")
    caption = f"{len(table)} tokens of the alphabet {alphabet}"
    print_tables([Table(headings, tuple(rows), caption, n_text=2)], console)
