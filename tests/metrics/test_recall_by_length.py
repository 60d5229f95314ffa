"""Figures of single lengths gathered into ranges."""

import pytest

from denovo.metrics import recall_by_length


def row(length, n_spectra, recall):
    return {"length": length, "n_spectra": n_spectra, "peptide_recall": recall}


def test_lengths_of_a_range_are_weighted_by_their_spectra():
    rows = [row(7, 3, 1.0), row(9, 1, 0.0), row(10, 2, 0.5), row(20, 5, 0.2)]
    found = recall_by_length(rows)
    assert found == pytest.approx(
        {"recall_length_7_9": 0.75, "recall_length_10_12": 0.5, "recall_length_16_20": 0.2}
    )


def test_lengths_outside_every_range_are_left_out():
    assert recall_by_length([row(3, 4, 1.0)]) == {}
