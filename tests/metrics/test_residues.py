"""Which residues of a prediction are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.metrics import match_residues, right_residues

MASSES = {"G": 57.02146, "A": 71.03711, "N": 114.04293, "K": 128.09496, "W": 186.07931}


def masses(text):
    return np.array([MASSES[letter] for letter in text])


@pytest.mark.parametrize(
    ("predicted", "true", "expected"),
    [
        ("AGK", "AGK", "111"),
        ("GAK", "AGK", "001"),
        ("ANK", "AGGK", "101"),  # N weighs as much as GG
        ("AGGK", "ANK", "1001"),
        ("WGK", "AGK", "011"),  # the mass is wrong, so y ions alone agree
        ("AGW", "AGK", "110"),
        ("W", "AGK", "0"),
        ("", "AGK", ""),
    ],
)
def test_a_residue_is_right_between_the_cleavage_sites_of_the_truth(predicted, true, expected):
    found = right_residues(masses(predicted), masses(true))
    assert "".join("01"[int(is_right)] for is_right in found) == expected


@pytest.mark.parametrize("judge", [match_residues, right_residues])
@pytest.mark.parametrize(
    ("bounds", "is_match"),
    [((0.5, 1.0), False), ((1.0, 0.5), False), ((0.5625, 0.5625), True)],
)
def test_a_residue_off_by_a_bound_is_beyond_it(judge, bounds, is_match, monkeypatch):
    # Half a dalton has no rounding error, which 0.1 Da has.
    monkeypatch.setattr("denovo.metrics.matching.CUM_TOLERANCE", bounds[0])
    monkeypatch.setattr("denovo.metrics.matching.RESIDUE_TOLERANCE", bounds[1])
    found = judge(np.array([100.0]), np.array([100.5]))
    assert found.tolist() == [is_match]


@pytest.mark.parametrize("judge", [match_residues, right_residues])
def test_bounds_are_half_a_dalton_up_to_an_end_and_a_tenth_for_a_residue(judge):
    true = np.full(12, 100.0)
    # Five times 0.09 Da is within half a dalton from either end, six times is beyond.
    found = judge(true + 0.09, true)
    assert "".join("01"[int(is_match)] for is_match in found) == "111110011111"
    assert not judge(true[:1] + 0.11, true[:1]).any()


@pytest.mark.parametrize("judge", [match_residues, right_residues])
def test_a_residue_matches_where_sums_come_within_the_bound_again(judge):
    # 0.55, 0.47 and 1.47 Da too light at the ends, 1 Da or more from the other terminus.
    found = judge(np.array([100.0, 100.08, 100.0]), np.array([100.55, 100.0, 101.0]))
    assert found.tolist() == [False, True, False]


@given(st.text("GANKW", max_size=8), st.text("GANKW", min_size=1, max_size=8))
def test_a_peptide_that_matches_has_no_wrong_residue(predicted, true):
    pair = masses(predicted), masses(true)
    if match_residues(*pair).all():
        assert right_residues(*pair).all()


@given(st.text("GANKW", min_size=1, max_size=8), st.text("GANKW", min_size=1, max_size=8))
def test_reading_both_backwards_changes_nothing(predicted, true):
    forward = right_residues(masses(predicted), masses(true))
    backward = right_residues(masses(predicted[::-1]), masses(true[::-1]))
    assert (forward == backward[::-1]).all()
