"""Logged names: those of a run, of the documentation, and of the tables and charts."""

import csv
import re

import pytest

from denovo.reports.figures_logged import FIGURES, LoggedFigure

RARE = ("val/refinement", "tripwire/", "val/recall_length", "val_noisy/recall_length")
"""Of several refinement steps, of something that went wrong, of lengths a small set may lack."""


@pytest.fixture
def logged(trained):
    """All names of a real run."""
    with (trained[0] / "metrics" / "metrics.csv").open() as file:
        return set(next(csv.reader(file)))


def documented(root):
    """Logged names in docs/reference/configuration.md; a part in <...> stands for one word."""
    table = (root / "docs" / "reference" / "configuration.md").read_text()
    kinds = "train|val|val_noisy|curriculum|gradients|tripwire"
    return set(re.findall(rf"`((?:{kinds})/[\w<>/ ]+)`", table))


def matches(name, logged):
    return any(re.search(name.pattern, each) for each in logged)


def test_shown_figures_are_logged_or_rare_and_logged_ones_are_documented(logged, root):
    known = documented(root)
    shown = [figure for figure in FIGURES if not figure.name.startswith("test")]
    rare = {figure.name for figure in shown if figure.name.startswith(RARE)}
    assert [f.name for f in shown if f.name not in rare and not matches(f, logged)] == []
    assert {re.sub("<[^>]+>", "<>", name) for name in rare} <= {
        re.sub("<.+>", "<>", name) for name in known
    }
    patterns = [re.compile(re.sub(r"<[^>]+>", r"\\w+", name)) for name in known]
    names = [name for name in logged if name.startswith(("train/", "gradients/", "curriculum/"))]
    assert [name for name in names if not any(p.fullmatch(name) for p in patterns)] == []


def test_a_name_that_nobody_logs_would_be_found(root):
    assert not matches(LoggedFigure("train/ppm_eror", ""), {"train/ppm_error"})
    assert "train/ppm_eror" not in documented(root)
