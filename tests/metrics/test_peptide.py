import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import EOS
from denovo.metrics import match_residues
from denovo.metrics.peptide import PeptideMetrics, recall_by_length

MASSES = {letter: mass for letter, mass in zip("GASPVTLINDQKEMHFRYW", [
    57.02146, 71.03711, 87.03203, 97.05276, 99.06841, 101.04768, 113.08406, 113.08406, 114.04293,
    115.02694, 128.05858, 128.09496, 129.04259, 131.04049, 137.05891, 147.06841, 156.10111,
    163.06333, 186.07931,
], strict=True)}  # fmt: skip
PEPTIDE = st.text(alphabet=sorted(MASSES), min_size=1, max_size=20)


def matches(predicted: str, true: str) -> str:
    """Match two peptides; ``1`` and ``0`` for each position of the longer one."""
    first, second = (np.array([MASSES[letter] for letter in p], float) for p in (predicted, true))
    return "".join(str(int(match)) for match in match_residues(first, second))


# Worked out by hand from the definition.
@pytest.mark.parametrize(
    ("predicted", "true", "expected"),
    [
        ("PEPTIDE", "PEPTIDE", "1111111"),
        ("PEPTLDE", "PEPTIDE", "1111111"),  # L and I weigh the same
        ("PEPTIDQ", "PEPTIDK", "1111111"),  # 0.036 Da apart: equal by the definition
        ("AGGK", "ANK", "1001"),  # two glycines for one asparagine: no pair for the first
        ("ANK", "AGGK", "1001"),
        ("PEPITDE", "PEPTIDE", "1110011"),  # swapped in the middle, both ends right
        ("EPPTIDE", "PEPTIDE", "0011111"),
        ("PEPTIED", "PEPTIDE", "1111100"),
        ("PEPTIDEK", "PEPTIDE", "11111110"),  # one residue too many at the end
        ("KPEPTIDE", "PEPTIDE", "01111111"),  # and at the start
        ("PEP", "PEPTIDE", "1110000"),
        ("", "PEPTIDE", "0000000"),
        ("QKK", "GAKKWKK", "0011011"),  # Q weighs GA; the definition lets both K pair up twice
        ("GGGG", "WWW", "0000"),
        ("PEPNIDE", "PEPDIDE", "1110111"),  # 0.984 Da: the suffix saves what follows
    ],
)
def test_residues_match_as_worked_out_by_hand(predicted, true, expected):
    assert matches(predicted, true) == expected


@given(peptide=PEPTIDE)
def test_a_peptide_matches_itself(peptide):
    assert set(matches(peptide, peptide)) == {"1"}


@given(first=PEPTIDE, second=PEPTIDE)
def test_matching_does_not_depend_on_which_peptide_is_the_prediction(first, second):
    assert matches(first, second) == matches(second, first)


@given(start=PEPTIDE, end=PEPTIDE)
def test_a_shared_start_and_end_match_around_a_wrong_residue(start, end):
    expected = "1" * len(start) + "0" + "1" * len(end)
    assert matches(f"{start}G{end}", f"{start}W{end}") == expected


@pytest.fixture
def batch(canonical):
    """Four answers: right, right but for I and L, half right, and none."""
    pairs = [("SAMPLER", "SAMPLER"), ("LK", "IK"), ("ANK", "AGGK"), ("", "PEPTIDE")]
    predicted = [canonical.encode(guess) if guess else [] for guess, _ in pairs]
    return predicted, [canonical.encode(truth) for _, truth in pairs]


def test_figures_are_ratios_of_sums(canonical, batch):
    metrics = PeptideMetrics(canonical)
    metrics.update(*batch)
    figures = {name: value.item() for name, value in metrics.compute().items()}
    # Matched 7 + 2 + 2 of 12 predicted and of 20 true residues; 2 of 3 answers right, of 4 spectra.
    assert figures == pytest.approx(
        {
            "aa_precision": 11 / 12,
            "aa_recall": 11 / 20,
            "peptide_precision": 2 / 3,
            "peptide_recall": 2 / 4,
            "n_spectra": 4,
        }
    )


def test_uneven_batches_give_the_figures_of_one_batch(canonical, batch):
    predicted, target = batch
    whole, split = PeptideMetrics(canonical), PeptideMetrics(canonical)
    whole.update(predicted, target)
    split.update(predicted[:3], target[:3])
    split.update(predicted[3:], target[3:])
    assert split.compute() == whole.compute()


def test_figures_by_length_have_one_row_per_length(canonical, batch):
    metrics = PeptideMetrics(canonical, max_length=6)
    metrics.update(*batch)
    rows = metrics.by_length()
    assert [row["length"] for row in rows] == [2, 4, 6]
    assert [row["n_spectra"] for row in rows] == [1, 1, 2]
    assert [row["peptide_recall"] for row in rows] == [1.0, 0.0, 0.5]
    assert rows[1]["aa_recall"] == 0.5


def test_longer_peptides_count_among_those_of_one_hundred(canonical):
    metrics = PeptideMetrics(canonical)
    metrics.update([[4] * 120], [[4] * 120])
    assert [row["length"] for row in metrics.by_length()] == [100]
    assert recall_by_length(metrics.by_length()) == {"recall_length_31_100": 1.0}


def test_a_modification_of_the_n_terminus_is_an_entry_but_no_residue_of_length(common):
    metrics = PeptideMetrics(common)
    metrics.update([common.encode("PEK")], [common.encode("[UNIMOD:1]-PEK")])
    figures = metrics.compute()
    assert metrics.by_length()[0]["length"] == 3
    assert figures["aa_recall"].item() == pytest.approx(3 / 4)
    assert figures["aa_precision"].item() == 1.0
    assert figures["peptide_recall"].item() == 0.0


def test_reset_forgets_what_was_counted(canonical, batch):
    metrics = PeptideMetrics(canonical)
    metrics.update(*batch)
    metrics.reset()
    metrics.update(batch[0][:1], batch[1][:1])
    assert metrics.compute()["peptide_recall"].item() == 1.0
    assert metrics.compute()["n_spectra"].item() == 1


def test_nothing_but_empty_answers_gives_zeros(canonical, batch):
    metrics = PeptideMetrics(canonical)
    metrics.update([[]], batch[1][:1])
    figures = metrics.compute()
    assert figures["peptide_precision"].item() == figures["aa_precision"].item() == 0.0


def test_lists_of_different_length_are_refused(canonical, batch):
    with pytest.raises(ValueError, match="argument 2 is longer"):
        PeptideMetrics(canonical).update(batch[0][:1], batch[1])


@pytest.mark.parametrize("targets", [[[]], [[4], []]])
def test_a_target_without_residues_is_a_fault_of_the_program(canonical, targets):
    with pytest.raises(AssertionError, match="a target has no residues"):
        PeptideMetrics(canonical).update([[4]] * len(targets), targets)


@pytest.mark.parametrize(("guess", "truth"), [([4, EOS], [4]), ([4], [4, EOS])])
def test_a_special_token_among_residues_is_a_fault_of_the_program(canonical, guess, truth):
    with pytest.raises(AssertionError, match="residue tokens alone"):
        PeptideMetrics(canonical).update([guess], [truth])
