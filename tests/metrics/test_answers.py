import numpy as np
import pytest

from denovo.metrics import CLUSTERED, clustered_figures, score_peptides, score_residues
from denovo.metrics.peptide import PeptideMetrics


@pytest.fixture
def rows(common):
    pairs = [("SAMPLER", "SAMPLER"), ("ANK", "AGGK"), ("", "[UNIMOD:1]-PEPTIDE")]
    guesses = [common.encode(guess) if guess else [] for guess, _ in pairs]
    return score_peptides(guesses, [common.encode(truth) for _, truth in pairs], common)


def test_a_row_holds_the_counts_of_its_spectrum(rows):
    assert rows["n_matched"].tolist() == [7, 2, 0]
    assert rows["n_predicted"].tolist() == [7, 3, 0]
    assert rows["n_true"].tolist() == [7, 4, 8]
    assert rows["is_right"].tolist() == [True, False, False]
    assert rows["has_answer"].tolist() == [True, True, False]
    assert rows["length"].tolist() == [7, 4, 7]


def test_one_residue_is_an_answer(common):
    residues = [common.encode("K"), common.encode("R")]
    assert score_peptides(residues, residues, common)["has_answer"].tolist() == [True, True]
    metrics = PeptideMetrics(common)
    metrics.update(residues, residues)
    assert metrics.compute()["peptide_precision"] == 1


def test_figures_are_ratios_of_the_sums(rows):
    found = clustered_figures(rows, list("ABC"), n_resamples=10)
    assert [found[name] for name in CLUSTERED] == pytest.approx([9 / 10, 9 / 19, 1 / 2, 1 / 3])


def test_a_wrong_modification_of_the_n_terminus_makes_the_first_residue_wrong(common):
    def right(guess: str, truth: str) -> list[bool]:
        return score_residues(common.encode(guess), common.encode(truth), common).tolist()

    assert right("[UNIMOD:1]-PEK", "[UNIMOD:1]-PEK") == [True, True, True]
    assert right("[UNIMOD:1]-PEK", "[UNIMOD:5]-PEK") == [False, True, True]
    # A right one does not make a wrong residue right.
    assert right("[UNIMOD:1]-GEK", "[UNIMOD:1]-PEK") == [False, True, True]
    assert right("PEK", "GPEK") == [True, True, True]
    assert score_residues([], common.encode("PEK"), common).dtype == np.bool_
