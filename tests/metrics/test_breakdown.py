import numpy as np
import pandas as pd
import pytest

from denovo.metrics import SHARE_BOUNDS, breakdown, by_count, by_modification, by_range, by_value


@pytest.fixture
def rows():
    """Four spectra of length 8: two right, one half right, one without an answer."""
    return pd.DataFrame(
        {
            "n_matched": [8, 8, 4, 0],
            "n_predicted": [8, 8, 10, 0],
            "n_true": [8, 8, 8, 8],
            "is_right": [True, True, False, False],
        }
    )


def test_each_group_has_its_own_figures(rows):
    table = breakdown(rows, by_value([2, 2, 3, 3])).set_index("group")
    assert table["n"].to_dict() == {"2": 2, "3": 2}
    assert table.loc["2", ["aa_precision", "aa_recall", "peptide_recall"]].tolist() == [1, 1, 1]
    assert table.loc["3", ["aa_precision", "aa_recall"]].tolist() == [4 / 10, 4 / 16]
    assert table.loc["3", "peptide_recall"] == 0


def test_figures_stand_inside_their_intervals(rows):
    table = breakdown(rows, {"all": np.ones(4, bool)}, n_resamples=200)
    for name in ("aa_precision", "aa_recall", "peptide_recall"):
        low, value, high = (table.loc[0, f"{name}{end}"] for end in ("_low", "", "_high"))
        assert 0 <= low < value < high <= 1
    # Wilson, 2 of 4.
    assert table.loc[0, "peptide_recall_low"] == pytest.approx(0.1500, abs=1e-4)


def test_empty_groups_are_left_out_and_a_table_without_any_keeps_its_columns(rows):
    table = breakdown(rows, by_count([0, 0, 1, 9], most=4))
    assert table["group"].tolist() == ["0", "1", "4+"]
    assert list(breakdown(rows, {}).columns) == list(table.columns)


def test_ranges_and_counts_hold_every_spectrum_once():
    values = np.linspace(0, 1, 101)
    for groups in (by_range(values, SHARE_BOUNDS), by_count(np.arange(101), most=4)):
        assert np.sum(list(groups.values()), axis=0).tolist() == [1] * 101


def test_a_peptide_belongs_to_the_group_of_each_of_its_modifications():
    peptides = ["PEK", "M[UNIMOD:35]M[UNIMOD:35]K", "[UNIMOD:1]-N[UNIMOD:7]M[UNIMOD:35]K", "N"]
    found = {name: rows.tolist() for name, rows in by_modification(peptides).items()}
    assert found == {
        "none": [True, False, False, True],
        "M[UNIMOD:35]": [False, True, True, False],
        "N[UNIMOD:7]": [False, False, True, False],
        "[UNIMOD:1]-": [False, False, True, False],
    }
