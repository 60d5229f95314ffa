"""Metrics that a run which goes on appends to."""

import pytest

from denovo.training.callbacks import MetricsFile


def logged(run_dir, *rows, keep=None):
    """Log rows, by step, after going back to a position."""
    file = MetricsFile(run_dir, name="", version="metrics")
    if keep is not None:
        file.go_on_from(keep)
    for step, values in rows:
        file.log_metrics(values, step)
    position = file.position()
    return position, (run_dir / "metrics" / "metrics.csv").read_bytes()


ROWS = [(0, {"b": 1.5}), (1, {"a": 0.1, "b": 2}), (2, {"c": float("nan")}), (3, {"b": 1e-7})]


@pytest.mark.parametrize("cut", range(5))
@pytest.mark.parametrize("lost", range(3))
def test_a_file_that_is_gone_on_with_equals_an_undisturbed_one(tmp_path, cut, lost):
    whole = logged(tmp_path / "whole", *ROWS)
    position, _ = logged(tmp_path / "cut", *ROWS[:cut]) if cut else (0, b"")
    if lost:
        # Rows after the checkpoint, with a column that comes too early.
        logged(tmp_path / "cut", *[(step, values | {"d": 1}) for step, values in ROWS[:lost]])
    assert position == cut
    assert logged(tmp_path / "cut", *ROWS[cut:], keep=position) == whole


def test_a_row_that_was_cut_off_is_dropped(tmp_path):
    whole = logged(tmp_path / "whole", *ROWS)
    position, _ = logged(tmp_path / "cut", *ROWS[:2])
    path = tmp_path / "cut" / "metrics" / "metrics.csv"
    path.write_bytes(path.read_bytes() + b"0.")
    assert logged(tmp_path / "cut", *ROWS[2:], keep=position) == whole


def test_rows_of_before_are_kept(tmp_path):
    logged(tmp_path, *ROWS[:2])
    assert logged(tmp_path, *ROWS[2:])[1] == logged(tmp_path / "whole", *ROWS)[1]
