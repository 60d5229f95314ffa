"""The candidates of a spectrum, whoever found them."""

import numpy as np
import pytest

from denovo.decoding import Candidate
from denovo.sequencing.rescoring import CandidateLists
from denovo.sequencing.rescoring.lists import merge_lists


def candidate(peptide, score):
    return Candidate(list(peptide), [score / 2] * len(peptide), score)


def test_a_peptide_that_two_networks_found_stands_once_in_the_list():
    forward = [[candidate([4, 5], -1.0), candidate([5, 4], -2.0)], []]
    backward = [[candidate([6, 6], -1.0), candidate([4, 5], -3.0)], [candidate([7], -1.0)]]
    united = merge_lists([forward, backward])
    (first, second), (third, fourth) = forward[0], backward[0]
    assert united == [
        {(4, 5): [first, fourth], (5, 4): [second, None], (6, 6): [None, third]},
        {(7,): [None, *backward[1]]},
    ]


def test_of_two_scores_of_a_peptide_the_better_one_counts():
    # Two paths of a search may write the same residues.
    better, worse = candidate([4], -1.0), candidate([4], -2.0)
    assert merge_lists([[[better, worse]]]) == [{(4,): [better]}]


@pytest.fixture
def lists():
    peptides = [[4, 5], [5, 4], [6], [7, 8]]
    forward = [candidate(p, s) for p, s in zip(peptides, [-1.0, -4.0, -2.0, -9.0], strict=True)]
    backward = [candidate(p, s) for p, s in zip(peptides, [-5.0, -1.0, -2.0, -1.0], strict=True)]
    return CandidateLists(np.array([0, 0, 2, 2]), peptides, [forward, backward], 3)


def test_the_best_of_each_list_are_kept_in_order(lists):
    assert lists.joint.tolist() == [-3.0, -2.5, -2.0, -5.0]
    best = lists.best(lists.joint, 1)
    assert best.peptides == [[5, 4], [6]]
    assert best.row.tolist() == [0, 2]
    assert [a.log_probability for a in best.by_network[0]] == [-4.0, -2.0]
    assert lists.best(lists.joint, 5).peptides == [[5, 4], [4, 5], [6], [7, 8]]


def test_merged_scores_are_means_over_the_networks(lists):
    merged = lists.averaged()
    assert [a.log_probability for a in merged] == lists.joint.tolist()
    assert merged[0].token_log_probability == [-1.5, -1.5]
    assert merged[0].peptide == [4, 5]
