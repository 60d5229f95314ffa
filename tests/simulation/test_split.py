"""Which peptide stands on which side."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.chemistry import Vocabulary
from denovo.errors import InputError
from denovo.simulation.digest import Digest
from denovo.simulation.proteins import SyntheticProteome
from denovo.simulation.recipe import SPLITS, check_fractions, split_of

FRACTIONS = {"train": 0.8, "val": 0.15, "test": 0.05}
PEPTIDES = st.text("ACDEFGHIKLMNPQRSTVWY", min_size=1, max_size=30)


@given(PEPTIDES)
def test_leucine_and_isoleucine_twins_stand_on_one_side(sequence: str) -> None:
    twin = sequence.replace("I", "L")
    assert split_of(sequence, FRACTIONS) == split_of(twin, FRACTIONS)


@settings(deadline=None)  # the first example loads UNIMOD
@given(PEPTIDES)
def test_modified_forms_stand_on_the_side_of_the_bare_peptide(sequence: str) -> None:
    modified = "[UNIMOD:1]-" + sequence.replace("M", "M[UNIMOD:35]")
    assert split_of(modified, FRACTIONS) == split_of(sequence, FRACTIONS)


@given(PEPTIDES)
def test_deamidated_forms_stand_on_the_side_of_the_acid(sequence: str) -> None:
    deamidated = sequence.replace("N", "N[UNIMOD:7]").replace("Q", "Q[Deamidated]")
    acid = sequence.replace("N", "D").replace("Q", "E")
    assert split_of(deamidated, FRACTIONS) == split_of(acid, FRACTIONS)


def test_shares_are_as_asked_for(canonical: Vocabulary) -> None:
    peptides = Digest().peptides(SyntheticProteome(300), canonical.alphabet)[:10_000]
    counts = Counter(split_of(peptide, FRACTIONS) for peptide in peptides)
    # Four standard errors of the largest share are 0.016.
    assert {s: counts[s] / len(peptides) for s in SPLITS} == pytest.approx(FRACTIONS, abs=0.016)


@given(PEPTIDES)
def test_a_split_without_a_share_stays_empty(sequence: str) -> None:
    assert split_of(sequence, {"train": 1.0, "val": 0.0}) == "train"
    assert split_of(sequence, {"test": 1.0}) == "test"


def test_sides_of_known_peptides_never_change() -> None:
    # Recorded once; a change here would put test peptides of old stores into training.
    known = {"PEPTIDEK": "train", "SAMPLER": "train", "LITTLEK": "train", "ELVISLIVESK": "test"}
    thirds = {"train": 0.4, "val": 0.3, "test": 0.3}
    assert {peptide: split_of(peptide, thirds) for peptide in known} == known


@pytest.mark.parametrize(
    ("fractions", "complaint"),
    [
        ({"train": 0.9}, "add up to 1"),
        ({"train": 1.5, "val": -0.5}, "must be positive"),
        ({}, "add up to 1"),
        ({"train": 0.9, "valid": 0.1}, "unknown split 'valid'; did you mean val?"),
    ],
)
def test_impossible_fractions_are_refused(fractions: dict[str, float], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        check_fractions(fractions)
