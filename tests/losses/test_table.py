"""The numbers in docs/losses.md are those of the code, and both are right."""

from pathlib import Path

import pytest

from denovo.errors import InputError
from denovo.losses import PENALTIES
from denovo.losses.table import BEGIN, END, with_tables

DOCUMENT = Path(__file__).parents[2] / "docs" / "losses.md"

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
SCALES = [(10, 78), (100, 553), (1_000, 3_258), (10_000, 12_528), (100_000, 22_314)]


def tables() -> dict[str, dict[str, dict[str, float]]]:
    """Read the tables of the document: title, then first column, then heading of the column."""
    region = DOCUMENT.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    blocks = region.split("\n\n")
    found = {}
    for title, table in zip(blocks[::2], blocks[1::2], strict=True):
        rows = [[c.strip() for c in line.split("|")[1:-1]] for line in table.splitlines()]
        head, _, *body = rows
        found[title] = {
            row[0]: {h: float(c.replace(",", "")) for h, c in zip(head, row, strict=True)}
            for row in body
        }
    return found


@pytest.fixture(scope="module")
def numbers():
    return tables()


def test_the_document_agrees_with_the_code():
    text = DOCUMENT.read_text("utf-8")
    assert text == with_tables(text, "docs/losses.md"), "run: denovo losses --write docs/losses.md"


def test_the_document_covers_every_member_from_1_to_100000_ppm(numbers):
    assert len(numbers) == 5
    for title in list(numbers)[:4]:
        assert list(numbers[title]) == ["1", "10", "100", "1,000", "10,000", "25,000", "100,000"]
        for row in numbers[title].values():
            assert set(PENALTIES) <= set(row)


@pytest.mark.parametrize(("error", "value", "gradient"), GOLDEN)
def test_the_document_has_the_corrected_numbers(numbers, error, value, gradient):
    row = f"{error:,}"
    assert numbers["Plain, loss_scale 100: value"][row]["log"] == pytest.approx(value, abs=5e-4)
    slopes = numbers["Plain, loss_scale 100: gradient per ppm"][row]
    assert slopes["log"] == pytest.approx(gradient, rel=1e-3)
    assert slopes["log, per Da at 1000 Da"] == pytest.approx(1000 * gradient, rel=1e-3)


def test_at_25000_ppm_the_log_pulls_with_3_984_per_da_and_the_clamp_not_at_all(numbers):
    slopes = numbers["Plain, loss_scale 100: gradient per ppm"]["25,000"]
    assert slopes["log, per Da at 1000 Da"] == 3.984
    assert slopes["clamp"] == 0
    assert numbers["Plain, loss_scale 100: value"]["25,000"]["clamp"] == 100


@pytest.mark.parametrize(("scale", "value"), SCALES)
def test_the_document_shows_that_the_scale_moves_the_size_too(numbers, scale, value):
    row = numbers["The log at 25,000 ppm under other scales"][f"{scale:,}"]
    assert row["value"] == pytest.approx(value, abs=0.5)
    assert row["value, normalised"] == pytest.approx(row["value"] / scale, rel=1e-5)


def test_normalised_tables_are_the_plain_ones_divided_by_the_scale(numbers):
    for what in ("value", "gradient per ppm"):
        plain = numbers[f"Plain, loss_scale 100: {what}"]
        normalised = numbers[f"`normalize: true`, loss_scale 100: {what}"]
        for error, row in plain.items():
            for name in PENALTIES:
                assert normalised[error][name] * 100 == pytest.approx(row[name], rel=1e-3)


def test_replacing_the_region_keeps_the_rest_and_heals_a_changed_number():
    text = DOCUMENT.read_text("utf-8")
    assert with_tables(text.replace("552.545", "470.73"), "losses.md") == text


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}{BEGIN}"])
def test_a_document_without_the_region_is_refused(text):
    with pytest.raises(InputError, match=r"^odd\.md: no region for the tables"):
        with_tables(text, "odd.md")
