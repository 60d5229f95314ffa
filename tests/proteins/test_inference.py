"""Protein groups by parsimony, coverage and confidence."""

import math

import pytest

from denovo.proteins import infer_proteins
from tests.helpers.mapped import mapped, proteins_of
from tests.helpers.predictions import prediction

A, B, C, D = "AAAAAAAK", "CCCCCCCK", "DDDDDDDK", "EEEEEEEK"


def table(answers, *sequences, max_q_value=None):
    """Infer the proteins of answers."""
    return infer_proteins(mapped(answers, proteins_of(*sequences)), max_q_value)


def roles(rows):
    """Return number of the group and role of each protein."""
    return {row.accession: (row.group, row.role) for row in rows}


def test_proteins_with_the_same_peptides_are_one_group():
    rows = table([A, B], A + B, B + A, "TTTTTTTTTTT")
    assert roles(rows) == {"P1": (1, "leading"), "P2": (1, "same set")}
    assert rows[0].same_set == ("P2",)
    assert rows[0].n_unique == 2


def test_a_protein_that_explains_nothing_new_is_a_subset():
    rows = table([A, B, C], A + B + C, B + C, C)
    assert roles(rows) == {"P1": (1, "leading"), "P2": (1, "subset"), "P3": (1, "subset")}
    assert [row.n_unique for row in rows] == [1, 0, 0]


def test_the_greedy_cover_takes_what_explains_most_of_the_rest():
    rows = table([A, B, C, D], A + B, B + C, C + D)
    assert roles(rows) == {"P1": (1, "leading"), "P3": (2, "leading"), "P2": (1, "subset")}


def test_coverage_counts_residues_once_and_answers_each():
    answers = [prediction(n, peptide=A, probability=p) for n, p in enumerate((0.25, 0.75))]
    (row,) = table([*answers, "AAAKCCCC"], A + B)
    assert (row.n_answers, row.n_peptides, row.length) == (3, 2, 16)
    assert row.coverage == pytest.approx(12 / 16)
    assert row.mean_probability == pytest.approx((0.25 + 0.75 + 0.5) / 3)
    assert row.best_probability == 0.75


def test_i_and_l_are_one_peptide():
    (row,) = table(["ALLLLLK", "ALILILK"], "ALLILLK")
    assert (row.n_answers, row.n_peptides) == (2, 1)


def test_only_answers_up_to_the_largest_q_value_count():
    answers = [
        prediction(n, peptide=p, q_value=q) for n, (p, q) in enumerate([(A, 0.01), (B, 0.5)])
    ]
    assert roles(table(answers, A, B, max_q_value=0.05)) == {"P1": (1, "leading")}
    assert table(answers, A, B, max_q_value=0.001) == []


def test_proteins_of_answers_without_probability_have_none():
    (row,) = table([prediction(peptide=A, probability=None, q_value=None)], A)
    assert math.isnan(row.mean_probability)
