"""Tables that `denovo diagnose` prints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from denovo.evaluation.diagnosis.mass import MassTrace
from denovo.losses import PrecursorMassLoss
from denovo.reports.table import Table


def trace_parts(number: int, trace: MassTrace, loss: PrecursorMassLoss) -> Iterator[Table | str]:
    """Yield the positions of one spectrum, its mass error, and the loss of that error."""
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
    yield Table(headings, tuple(rows), caption, n_text=3)
    divided = ", divided by it" if loss.normalize else ""
    yield (
        f"expected {trace.expected_mass:.4f} Da, precursor {trace.precursor_mass:.4f} Da: "
        f"off by {trace.error_da:+.4f} Da, {trace.error_ppm:+,.1f} ppm\n"
        f"penalty {loss.penalty} with loss_scale {loss.loss_scale:g} {loss.unit}{divided}: "
        f"loss {trace.loss:.4g}, slope {trace.slope:.4g} per {loss.unit}\n"
    )


def batch_table(traces: Sequence[MassTrace]) -> Table:
    """Make the table of a batch, a row for each spectrum."""
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
    return Table(headings, tuple(rows), "the whole batch", n_text=2)


def member_parts(members: pd.DataFrame, loss_scale: float) -> Iterator[Table | str]:
    """Yield value and gradient of each penalty for each error."""
    names = tuple(dict.fromkeys(members["member"]))
    yield f"Penalties with loss_scale {loss_scale:g} ppm"
    for column, caption in (("value", "value"), ("slope", "gradient by the error")):
        table = []
        for error, rows in members.groupby("error", sort=True):
            cells = [
                "0 (dead)" if column == "slope" and dead else f"{value:.5g}"
                for value, dead in zip(rows[column], rows["is_dead"], strict=True)
            ]
            table.append((f"{error:,.0f}", *cells))
        yield Table(("error ppm", *names), tuple(table), caption, n_text=0)
    dead = list(dict.fromkeys(members.loc[members["is_dead"], "member"]))
    if dead:
        yield f"dead, a loss without any gradient: {', '.join(dead)}"


def gradient_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Make the table of the gradient norm of each penalty on one batch."""
    cells = [
        (
            *(str(row["member"]), f"{row['loss']:.5g}", f"{row['gradient_norm']:.3g}"),
            f"{row['dead_share']:.0%}",
        )
        for row in rows
    ]
    headings = ("member", "loss", "gradient norm by the logits", "spectra without gradient")
    return Table(headings, tuple(cells))


def vocabulary_table(table: pd.DataFrame, alphabet: str) -> Table:
    """Make the table of the tokens that `compare_vocabulary` lists."""
    has_state = "stored_name" in table
    rows = []
    for number, row in enumerate(table.to_dict("records")):
        stored = [str(row["stored_name"]), f"{row['stored_mass']:.6f}"] if has_state else []
        masses = (f"{row['mass']:.6f}", f"{row['pyteomics']:.6f}")
        verdict = "" if row["is_equal"] else "differs"
        rows.append((str(number), str(row["name"]), *masses, *stored, verdict))
    headings = ("", "token", "Da", "pyteomics", *(("stored", "stored Da") * has_state), "")
    caption = f"{len(table)} tokens of the alphabet {alphabet}"
    return Table(headings, tuple(rows), caption, n_text=2)
