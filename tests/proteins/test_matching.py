"""Answers are found as they are, through their ambiguity and alternatives, at the right place."""

import pytest

from denovo.chemistry.tolerance import Da
from denovo.spectra.prediction import Alternative, Region
from tests.helpers.mapped import SEQUENCES, mapped, proteins_of, rows_of
from tests.helpers.predictions import prediction, unanswered

PROTEINS = proteins_of(*SEQUENCES.values())


def found(peptide, regions=(), alternatives=(), proteins=PROTEINS, tolerance=None):
    """Map one answer; return its kind of match and the residues of the protein."""
    answer = prediction(
        peptide=peptide,
        ambiguous=tuple(Region(*region, ()) for region in regions),
        alternatives=tuple(Alternative(each) for each in alternatives),
    )
    (row,) = rows_of(mapped([answer], proteins, tolerance=tolerance))
    return row["match"], row["matched_peptide"]


@pytest.mark.parametrize(
    ("peptide", "kind", "residues"),
    [
        ("PEPTIDER", "exact", "PEPTIDER"),
        ("PEPTLDER", "I=L", "PEPTIDER"),
        ("[UNIMOD:1]-PEPTLDER", "I=L", "PEPTIDER"),
        ("M[UNIMOD:35]PEPTIDER", "exact", "MPEPTIDER"),
        ("AGIC[UNIMOD:4]KPE", "exact", "AGICKPE"),
        ("TTTYEEVVK", "deamidation", "TTTYQEVVK"),
        ("TTTYQ[UNIMOD:7]EVVK", "deamidation", "TTTYQEVVK"),
        ("DGGVLLAAK", "deamidation", "NGGVLLAAK"),
        ("NNVLLAAK", "equal mass", "NGGVLLAAK"),
        ("NGGVLLQ", "none", None),
        ("TTTYAGEVVK", "none", None),
        ("WWFFHH", "exact", "WWFFHH"),
        ("TIDER", "too short", None),
        ("XXXXXXXX", "none", None),
        ("GKVLLAAKVLLAAKVLLAAKVLLAAK", "none", None),
    ],
)
def test_an_answer_has_the_first_kind_of_match_that_fits(peptide, kind, residues):
    assert found(peptide) == (kind, residues)


def test_a_spectrum_without_an_answer_has_no_kind_of_match():
    (row,) = rows_of(mapped([unanswered()], PROTEINS))
    assert (row["match"], row["proteins"], row["is_unique"]) == ("", [], None)


@pytest.mark.parametrize(
    ("peptide", "regions", "kind", "residues"),
    [
        ("EPPTIDER", [(1, 2)], "order", "PEPTIDER"),
        ("SSWWHHFFKTTTYQEVKV", [(5, 8), (17, 18)], "order", "SSWWFFHHKTTTYQEVVK"),
        ("PEPTIDRE", [(7, 8)], "order", "PEPTIDER"),
        ("EPPTIDRE", [(1, 2)], "none", None),
        ("SSWWHHFFKT", [(5, 8)], "order", "SSWWFFHHKT"),
        ("NNLVLAAK", [(3, 4)], "none", None),
        ("TTTYAGEVVK", [(5, 6)], "equal mass", "TTTYQEVVK"),
        ("PEADTIDER", [(3, 4)], "none", None),
        ("MAGICKPGDVTIDER", [(8, 10)], "none", None),
        ("PEPTGEER", [(5, 7)], "none", None),
    ],
)
def test_only_regions_of_undetermined_order_may_be_rearranged(peptide, regions, kind, residues):
    assert found(peptide, regions) == (kind, residues)


def test_the_mass_of_a_fixed_modification_counts_in_a_region():
    proteins = proteins_of("MKAAAVVGCSTTTR", "MKAAAVVFYTTTR")
    answer = prediction(
        peptide="AAAVVC[UNIMOD:4]GSTTTR", ambiguous=(Region(6, 8, ()),), probability=0.5
    )
    (row,) = rows_of(mapped([answer], proteins))
    assert (row["match"], row["matched_peptide"]) == ("order", "AAAVVGCSTTTR")


def test_the_tolerance_decides_whether_k_and_q_are_of_equal_mass():
    assert found("TTTYKEVVK", tolerance=Da(0.04)) == ("equal mass", "TTTYQEVVK")
    assert found("TTTYKEVVK", tolerance=Da(0.03)) == ("none", None)
    assert found("TTTYGAEVVK", [(5, 6)], tolerance=Da(0.001)) == ("equal mass", "TTTYQEVVK")


def test_an_alternative_counts_only_where_the_answer_is_not_found():
    assert found("PEPTLDWW", alternatives=["AAAAAA", "PEPTLDER"]) == ("alternative", "PEPTIDER")
    assert found("PEPTLDER", alternatives=["SSWWFFHH"]) == ("I=L", "PEPTIDER")
    assert found("PEPTLDWW", alternatives=["SSWWFFHH", "PEPTLDER"]) == ("alternative", "PEPTIDER")


def test_all_places_are_listed_with_neighbours_and_ends_of_the_enzyme():
    row, inner, end = rows_of(mapped(["PEPTIDER", "EPTIDERS", "EVVKEVVK"], PROTEINS))
    assert row["proteins"] == ["P1", "P2"]
    assert (row["starts"], row["ends"]) == ([7, 2], [14, 9])
    assert (row["pre"], row["post"]) == (["K", "M"], ["N", "S"])
    assert row["enzyme_ends"] == [1, 2]  # no cut before proline; the first methionine is removed
    assert row["is_unique"] is False
    assert (inner["proteins"], inner["enzyme_ends"], inner["is_unique"]) == (["P2"], [0], True)
    assert end["match"] == "none"


def test_the_ends_of_a_protein_have_no_neighbour():
    (row,) = rows_of(mapped(["AAAAAAK"], proteins_of("AAAAAAK")))
    assert (row["pre"], row["post"], row["enzyme_ends"]) == (["-"], ["-"], [2])


def test_a_peptide_does_not_reach_from_one_protein_into_the_next():
    proteins = proteins_of("GGGGTTT", "VVVLLL")
    kinds = [row["match"] for row in rows_of(mapped(["TTTVVV", "GTTTVVVL"], proteins))]
    assert kinds == ["none", "none"]


def test_letters_that_are_no_residue_match_nothing_and_j_is_i_or_l():
    proteins = proteins_of("TTXTTTTTTBZ", "VVJVVVU", "AAAAAA*")
    answers = ["TTTTTT", "TTATTTT", "VVLVVV", "AAAAAA"]
    kinds = [row["match"] for row in rows_of(mapped(answers, proteins))]
    assert kinds == ["exact", "none", "I=L", "exact"]
