"""Logged names: those of a real run, those of the documentation, those of the dashboard."""

import csv
import re

import pytest

from denovo.reports.dashboard import SECTIONS
from train import train

RARE = ("val/refinement", "tripwire/", "val/recall_length", "val_noisy/recall_length")
"""Of several refinement steps, of something that went wrong, of lengths a small set may lack."""


@pytest.fixture
def logged(composed, tmp_path):
    """All names of a real run with every default."""
    train(composed("trainer.log_every_n_steps=1"))
    with (tmp_path / "metrics" / "metrics.csv").open() as file:
        return set(next(csv.reader(file)))


def documented(root):
    """Patterns of the logged names in docs/configuration.md; <...> stands for one word."""
    table = (root / "docs" / "configuration.md").read_text()
    names = re.findall(
        r"`((?:train|val|curriculum|gradients|tripwire|val_noisy)/[\w<>/ ]+)`", table
    )
    return [re.compile(re.sub(r"<[^>]+>", r"\\w+", name)) for name in names]


def test_every_panel_names_figures_that_are_logged_or_documented(logged, root):
    patterns = documented(root)
    shown = [name for panels in SECTIONS.values() for panel in panels for name in panel.metrics]
    unknown = [
        name
        for name in shown
        if name not in logged and not any(pattern.fullmatch(name) for pattern in patterns)
    ]
    assert unknown == []
    assert {name for name in shown if not name.startswith(RARE)} <= logged


def test_a_name_that_nobody_logs_would_be_found(root):
    assert not any(pattern.fullmatch("train/ppm_eror") for pattern in documented(root))
