"""Residues that match by mass in ppm, and by name."""

import math

import pytest

from denovo.metrics import match_by_ppm, score_by_ppm


def masses(vocabulary, peptide):
    return vocabulary.masses[vocabulary.encode(peptide)].tolist()


def matched(vocabulary, predicted, true):
    found = match_by_ppm(masses(vocabulary, predicted), masses(vocabulary, true))
    return found.predicted.tolist(), found.is_right


def test_equal_peptides_match_at_every_residue(common):
    assert matched(common, "PEPTIDEK", "PEPTIDEK") == ([True] * 8, True)


def test_k_and_q_differ_and_i_and_l_do_not(common):
    predicted, is_right = matched(common, "PEPTLDEQ", "PEPTIDEK")
    assert (predicted, is_right) == ([True] * 7 + [False], False)


def test_residues_behind_a_mistake_are_found_from_the_c_terminus(common):
    assert matched(common, "ANK", "AGGK") == ([True, False, True], False)


def test_an_unknown_mass_ends_the_match_from_either_side(common):
    true = masses(common, "PEPTIDEK")
    guess = [*true[:3], math.nan, *true[4:]]
    assert match_by_ppm(guess, true).predicted.tolist() == [True] * 3 + [False] + [True] * 4


def test_no_answer_matches_nothing(common):
    found = match_by_ppm([], masses(common, "PEK"))
    assert (found.predicted.tolist(), found.is_right) == ([], False)


def test_names_are_compared_where_masses_are(common):
    true, guess = list("PEPTIDEK"), list("PEPTLDEK")
    found = match_by_ppm(masses(common, "PEPTLDEK"), masses(common, "PEPTIDEK"))
    ours, theirs = found.by_name(guess, true)
    assert ours.tolist() == theirs.tolist() == [True] * 4 + [False] + [True] * 3


@pytest.mark.parametrize("is_exact", [False, True])
def test_deamidated_n_counts_as_d_by_mass_and_exactly(common, is_exact):
    pair = [common.encode("PEDK")], [common.encode("PEN[UNIMOD:7]K")]
    assert score_by_ppm(*pair, common, is_exact)["is_right"].tolist() == [True]


def test_modifications_of_the_n_terminus_count_as_one_and_fall_on_the_first_residue(common):
    guess = common.encode(["[UNIMOD:5]-", "[UNIMOD:385]-", *"AEK"])
    rows = score_by_ppm([guess], [common.encode("[UNIMOD:1]-AEK")], common, is_exact=False)
    assert rows["n_predicted"].tolist() == [4]
    assert rows["residues_right"].tolist() == [(False, True, True)]
    assert rows["length"].tolist() == [3]
