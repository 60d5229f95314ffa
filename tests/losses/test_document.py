"""The numbers in docs/explanation/losses.md are those of the code, and both are right."""

from pathlib import Path

import pytest
import torch

from denovo.losses import PENALTIES, make_penalty

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "losses.md"
ERRORS = ("1", "10", "100", "1,000", "10,000", "25,000", "100,000")
PLAIN, NORMALISED = "Plain, loss_scale 100", "`normalize: true`, loss_scale 100"
SCALES = "The log at 25,000 ppm under other scales"

# The corrected numbers of the first description of this loss: error in ppm, value, gradient per
# ppm, at a loss_scale of 100; rounded to the last digit given.
GOLDEN = [
    (1, 0.995, 0.99010),
    (10, 9.531, 0.90909),
    (100, 69.315, 0.5),
    (1_000, 239.790, 0.090909),
    (25_000, 552.545, 0.003984),
    (100_000, 690.875, 0.000999),
]


def number(text: str) -> float:
    return float(text.replace(",", ""))


def value_and_slope(name: str, error: float, scale: float, normalize: bool) -> tuple[float, float]:
    size = torch.tensor(error, dtype=torch.float64, requires_grad=True)
    value = make_penalty(name, scale, normalize)(size)
    return value.item(), torch.autograd.grad(value, size)[0].item()


@pytest.fixture(scope="module")
def tables() -> dict[str, dict[str, dict[str, str]]]:
    """Read the tables of the document: title, then first column, then heading of the column."""
    region = DOCUMENT.read_text("utf-8").split("### Numbers\n")[1].split("\n## ")[0].strip()
    blocks = region.split("\n\n")[1:]
    found = {}
    for title, table in zip(blocks[::2], blocks[1::2], strict=True):
        rows = [[c.strip() for c in line.split("|")[1:-1]] for line in table.splitlines()]
        head, _, *body = rows
        found[title] = {row[0]: dict(zip(head, row, strict=True)) for row in body}
    return found


@pytest.mark.parametrize(("title", "normalize"), [(PLAIN, False), (NORMALISED, True)])
def test_the_document_has_value_and_gradient_of_every_member(tables, title, normalize):
    values, slopes = tables[f"{title}: value"], tables[f"{title}: gradient per ppm"]
    assert tuple(values) == tuple(slopes) == ERRORS
    for error in ERRORS:
        for name in PENALTIES:
            value, slope = value_and_slope(name, number(error), 100, normalize)
            assert values[error][name] == f"{value:,.6g}"
            assert slopes[error][name] == f"{slope:.4g}"
        per_da = 1_000 * value_and_slope("log", number(error), 100, normalize)[1]
        assert slopes[error]["log, per Da at 1000 Da"] == f"{per_da:.4g}"


@pytest.mark.parametrize(("error", "value", "gradient"), GOLDEN)
def test_the_document_has_the_corrected_numbers(tables, error, value, gradient):
    row = f"{error:,}"
    assert number(tables[f"{PLAIN}: value"][row]["log"]) == pytest.approx(value, abs=5e-4)
    slope = number(tables[f"{PLAIN}: gradient per ppm"][row]["log"])
    assert slope == pytest.approx(gradient, rel=1e-3)


def test_at_25000_ppm_the_log_pulls_with_3_984_per_da_and_the_clamp_not_at_all(tables):
    slopes = tables[f"{PLAIN}: gradient per ppm"]["25,000"]
    assert (slopes["log, per Da at 1000 Da"], slopes["clamp"]) == ("3.984", "0")
    assert tables[f"{PLAIN}: value"]["25,000"]["clamp"] == "100"


def test_the_document_shows_that_the_scale_moves_the_size_too(tables):
    assert list(tables[SCALES]) == ["10", "100", "1,000", "10,000", "100,000"]
    for scale, row in tables[SCALES].items():
        value, slope = value_and_slope("log", 25_000, number(scale), normalize=False)
        assert (row["value"], row["gradient"]) == (f"{value:,.6g}", f"{slope:.4g}")
        value, slope = value_and_slope("log", 25_000, number(scale), normalize=True)
        assert row["value, normalised"] == f"{value:,.6g}"
        assert row["gradient, normalised"] == f"{slope:.4g}"
