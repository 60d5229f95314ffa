"""The penalties as tables of numbers, kept in a document that a test compares with the code."""

from collections.abc import Iterable, Sequence

import torch

from denovo.errors import InputError
from denovo.losses.precursor import PENALTIES, Penalty, make_penalty

ERRORS_PPM = (1, 10, 100, 1_000, 10_000, 25_000, 100_000)
LOSS_SCALE = 100
LOSS_SCALES = (10, 100, 1_000, 10_000, 100_000)
SHOWN_PPM = 25_000
"""The error of a fresh sequencer, about, at which the scales are compared."""

PPM_PER_DA = 1_000
"""1 Da in ppm of a peptide of 1000 Da."""

BEGIN = "<!-- numbers: begin; written by `denovo losses --write`, do not edit -->"
END = "<!-- numbers: end -->"


def penalty_tables() -> str:
    """Write value and gradient of every member as Markdown tables.

    Returns
    -------
    str
        Tables for `ERRORS_PPM` at `LOSS_SCALE`, plain and normalised, and one that compares
        `LOSS_SCALES`.
    """
    parts = []
    for normalize in (False, True):
        members = [make_penalty(name, LOSS_SCALE, normalize) for name in PENALTIES]
        kind = "`normalize: true`" if normalize else "Plain"
        parts += [
            f"{kind}, loss_scale {LOSS_SCALE}: value",
            _table(["error, ppm", *PENALTIES], [_values(members, e) for e in ERRORS_PPM]),
            f"{kind}, loss_scale {LOSS_SCALE}: gradient per ppm",
            _table(
                ["error, ppm", *PENALTIES, "log, per Da at 1000 Da"],
                [_slopes(members, e) for e in ERRORS_PPM],
            ),
        ]
    parts += [
        f"The log at {SHOWN_PPM:,} ppm under other scales",
        _table(
            ["loss_scale", "value", "gradient", "value, normalised", "gradient, normalised"],
            [_scale_row(scale) for scale in LOSS_SCALES],
        ),
    ]
    return "\n\n".join(parts)


def with_tables(document: str, name: str) -> str:
    """Put the tables of the code into a document.

    Parameters
    ----------
    document : str
        Text with one region between `BEGIN` and `END`.
    name : str
        Name of the document, for the message.

    Returns
    -------
    str
        The text with that region replaced, the same if code and document agree.

    Raises
    ------
    InputError
        If the region is not there.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(
            f"{name}: no region for the tables; write the lines {BEGIN} and {END} where they belong"
        )
    return f"{before}{BEGIN}\n\n{penalty_tables()}\n\n{END}{after}"


def _values(members: Iterable[Penalty], error: int) -> list[str]:
    return [f"{error:,}", *(f"{_at(penalty, error)[0]:,.6g}" for penalty in members)]


def _slopes(members: Sequence[Penalty], error: int) -> list[str]:
    slopes = [_at(penalty, error)[1] for penalty in members]
    log = slopes[list(PENALTIES).index("log")]
    return [f"{error:,}", *(f"{slope:.4g}" for slope in [*slopes, log * PPM_PER_DA])]


def _scale_row(scale: int) -> list[str]:
    cells = [f"{scale:,}"]
    for normalize in (False, True):
        value, slope = _at(make_penalty("log", scale, normalize), SHOWN_PPM)
        cells += [f"{value:,.6g}", f"{slope:.4g}"]
    return cells


def _at(penalty: Penalty, error: int) -> tuple[float, float]:
    """Evaluate value and slope at one error."""
    errors = torch.tensor(float(error), dtype=torch.float64)
    return penalty.value(errors).item(), penalty.slope(errors).item()


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
