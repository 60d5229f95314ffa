import numpy as np

from denovo.metrics import SHARE_BOUNDS, by_count, by_modification, by_range


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
