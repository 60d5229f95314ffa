"""Charges and modifications."""

from collections import Counter

import pytest

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.precursors import Precursors
from denovo.simulation.proteins import SyntheticProteome

USUAL = Precursors(modifications={"M[UNIMOD:35]": 0.2, "[UNIMOD:1]-": 0.1, "[UNIMOD:385]-QC": 0.3})


@pytest.fixture(scope="module")
def sequences(common: Vocabulary) -> list[str]:
    return Digest().peptides(SyntheticProteome(150), common.alphabet)[:4000]


def test_fixed_modifications_are_always_there(canonical: Vocabulary) -> None:
    drawn = Precursors(charges={2: 1.0}).draw(["ACCK"], canonical.alphabet, seed=0)
    assert drawn == [("AC[UNIMOD:4]C[UNIMOD:4]K", 2)]


def test_every_form_can_be_written_in_the_alphabet(
    common: Vocabulary, sequences: list[str]
) -> None:
    tokens = [common.encode(p.peptide) for p in USUAL.draw(sequences, common.alphabet, seed=0)]
    lengths = [sum(not common.is_n_terminal[t] for t in peptide) for peptide in tokens]
    assert lengths == [len(sequence) for sequence in sequences]


def test_shares_are_as_asked_for(common: Vocabulary, sequences: list[str]) -> None:
    drawn = USUAL.draw(sequences, common.alphabet, seed=0)
    charges = Counter(precursor.charge for precursor in drawn)
    text = "".join(precursor.peptide for precursor in drawn)
    n_methionines = "".join(sequences).count("M")
    # Four standard errors: 0.031 for 4,000 peptides, 0.04 for about 1,500 methionines.
    assert charges[2] / len(drawn) == pytest.approx(0.6, abs=0.031)
    assert text.count("M[UNIMOD:35]") / n_methionines == pytest.approx(0.2, abs=0.04)
    assert text.count("[UNIMOD:1]-") / len(drawn) == pytest.approx(0.1, abs=0.02)


def test_a_rule_with_letters_holds_only_where_the_peptide_starts_with_one(
    common: Vocabulary, sequences: list[str]
) -> None:
    drawn = USUAL.draw(sequences, common.alphabet, seed=0)
    starts = [p.peptide.removeprefix("[UNIMOD:385]-")[0] for p in drawn if ":385]" in p.peptide]
    assert set(starts) == {"Q", "C"}


def test_one_modification_stands_at_a_terminus_at_most(common: Vocabulary) -> None:
    crowded = Precursors(modifications={"[UNIMOD:1]-": 0.5, "[UNIMOD:5]-": 0.5})
    names = {
        crowded.draw(["A" * n + "K"], common.alphabet, 0)[0].peptide[:11] for n in range(7, 20)
    }
    assert names == {"[UNIMOD:1]-", "[UNIMOD:5]-"}


@pytest.mark.parametrize("limit", [0, 1, 2, 4])
def test_modifications_are_limited_in_number(common: Vocabulary, limit: int) -> None:
    every = Precursors(
        modifications={"M[UNIMOD:35]": 1.0, "[UNIMOD:1]-": 1.0}, max_modifications=limit
    )
    (drawn,) = every.draw(["MMMMCK"], common.alphabet, seed=0)
    assert drawn.peptide.count("UNIMOD:35") + drawn.peptide.count("UNIMOD:1]") == limit
    assert "C[UNIMOD:4]" in drawn.peptide


def test_a_peptide_carries_no_more_protons_than_it_can_hold(
    common: Vocabulary, sequences: list[str]
) -> None:
    weights = {1: 0.1, 2: 0.2, 3: 0.3, 4: 0.2, 5: 0.2}
    wide = Precursors(charges=weights, limit_charges=True)
    short = ["GASPVK", "KKRHHK", "PEPTIDEKHHRKKRAAAAAA"]
    drawn = wide.draw([*short, *sequences], common.alphabet, seed=0)
    for sequence, precursor in zip([*short, *sequences], drawn, strict=True):
        assert precursor.charge <= 1 + sum(map(sequence.count, "KRH"))
        assert precursor.charge <= max(1, len(sequence) // 3)
    assert {p.charge for p in drawn} >= {1, 2, 3, 4}
    assert "limit_charges" in wide.provenance()


def test_the_form_of_a_peptide_does_not_depend_on_the_others(
    common: Vocabulary, sequences: list[str]
) -> None:
    together = USUAL.draw(sequences, common.alphabet, seed=1)
    alone = USUAL.draw(sequences[1000:1003], common.alphabet, seed=1)
    assert alone == together[1000:1003]


def test_another_seed_draws_other_forms(common: Vocabulary, sequences: list[str]) -> None:
    assert USUAL.draw(sequences, common.alphabet, 1) != USUAL.draw(sequences, common.alphabet, 2)


@pytest.mark.parametrize(
    "entry", ["M[UNIMOD:999]", "[UNIMOD:999]-", "M", "Oxidation", "[UNIMOD:1]"]
)
def test_a_modification_outside_the_alphabet_is_named(common: Vocabulary, entry: str) -> None:
    with pytest.raises(InputError, match=r"is not in the alphabet 'common'"):
        Precursors(modifications={entry: 0.1}).draw(["PEPTIDEK"], common.alphabet, 0)


def test_probabilities_at_a_site_may_not_exceed_one(common: Vocabulary) -> None:
    crowded = Precursors(modifications={"[UNIMOD:1]-": 0.7, "[UNIMOD:5]-Q": 0.7})
    with pytest.raises(InputError, match="at Q add up to more than 1"):
        crowded.draw(["QEPTIDEK"], common.alphabet, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"charges": {}},
        {"charges": {0: 1.0}},
        {"charges": {2: 0.0}},
        {"charges": {2: -1.0, 3: 2.0}},
        {"charges": {"two": 1.0}},
        {"modifications": {"M[UNIMOD:35]": 1.5}},
        {"max_modifications": -1},
    ],
)
def test_impossible_settings_are_refused(settings: dict) -> None:
    with pytest.raises(InputError, match="must"):
        Precursors(**settings)
