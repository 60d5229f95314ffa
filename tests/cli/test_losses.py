from pathlib import Path

import pytest
from typer.testing import CliRunner

from denovo.cli import app

DOCUMENT = Path(__file__).parents[2] / "docs" / "losses.md"


@pytest.fixture
def stale(tmp_path):
    path = tmp_path / "stale.md"
    path.write_text(DOCUMENT.read_text("utf-8").replace("552.545", "470.73"), "utf-8")
    return path


def run(*arguments: object):
    return CliRunner().invoke(app, ["losses", *map(str, arguments)])


def test_the_tables_are_printed():
    result = run()
    assert result.exit_code == 0
    assert "552.545" in result.output


def test_the_shipped_document_is_up_to_date():
    assert run("--check", DOCUMENT).exit_code == 0


def test_a_stale_document_fails_with_one_sentence(stale):
    result = run("--check", stale)
    assert result.exit_code == 1
    sentence = f"error: {stale}: its tables differ from the code; run denovo losses --write {stale}"
    assert result.stderr.splitlines() == [sentence]


def test_a_stale_document_is_brought_up_to_date(stale):
    assert run("--write", stale).exit_code == 0
    assert stale.read_text("utf-8") == DOCUMENT.read_text("utf-8")


def test_a_document_that_is_not_there_is_named(tmp_path):
    result = run("--check", tmp_path / "nowhere.md")
    assert result.exit_code == 1
    assert "nowhere.md" in result.stderr
