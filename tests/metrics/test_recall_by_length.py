"""Figures of single lengths gathered into ranges."""

import pytest

from denovo.metrics.peptide import LENGTH_RANGES, recall_by_length


def row(length, n_spectra, recall):
    return {"length": length, "n_spectra": n_spectra, "peptide_recall": recall}


def test_lengths_of_a_range_are_weighted_by_their_spectra():
    rows = [row(7, 3, 1.0), row(9, 1, 0.0), row(10, 2, 0.5), row(20, 5, 0.2)]
    found = recall_by_length(rows)
    assert found == pytest.approx(
        {"recall_length_7_9": 0.75, "recall_length_10_12": 0.5, "recall_length_16_20": 0.2}
    )


def test_the_shortest_and_longest_of_wide_peptides_have_ranges_of_their_own():
    rows = [row(6, 2, 0.5), row(7, 1, 1.0), row(20, 1, 1.0), row(21, 1, 0.0), row(30, 1, 0.5)]
    found = recall_by_length(rows)
    assert (found["recall_length_4_6"], found["recall_length_21_30"]) == (0.5, 0.25)


def test_lengths_outside_every_range_are_left_out():
    assert recall_by_length([row(3, 4, 1.0)]) == {}


@pytest.mark.parametrize("length", range(4, 101))
def test_every_length_from_4_to_100_is_in_exactly_one_range(length):
    assert sum(low <= length <= high for low, high in LENGTH_RANGES) == 1
    assert list(recall_by_length([row(length, 1, 0.5)]).values()) == [0.5]
