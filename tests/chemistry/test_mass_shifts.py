"""What a mass means depends on where it stands and on how precisely it is written."""

import pytest

from denovo.chemistry import ResidueAlphabet, Vocabulary, parse_peptide
from denovo.chemistry.mass_shifts import mass_of_tag
from denovo.errors import InputError

ENTRIES = {
    "UNIMOD:1": {"name": "Acetyl", "formula": "H2C2O"},
    "UNIMOD:37": {"name": "Trimethyl", "formula": "H6C3"},
    "UNIMOD:5": {"name": "Carbamyl", "formula": "HCNO"},
}
LYSINES = ResidueAlphabet(
    "lysines",
    ["A", "K", "K[UNIMOD:1]", "K[UNIMOD:37]"],
    ENTRIES,
    n_terminal=["[UNIMOD:1]-", "[UNIMOD:5]-"],
)
ACETYL, TRIMETHYL = "K[UNIMOD:1]", "K[UNIMOD:37]"


@pytest.mark.parametrize(
    ("tag", "residue"),
    [
        ("+42.01", ACETYL),
        ("+42.011", ACETYL),
        ("+42.05", TRIMETHYL),
        ("+42.047", TRIMETHYL),
        ("170.1055", ACETYL),
        ("170.1419", TRIMETHYL),
        ("42.0470", TRIMETHYL),
        ("Obs:+42.047", TRIMETHYL),
    ],
)
def test_of_two_close_masses_the_closer_one_is_meant(tag: str, residue: str) -> None:
    assert parse_peptide(f"AK[{tag}]A", LYSINES) == ["A", residue, "A"]


@pytest.mark.parametrize(
    ("tag", "value", "tolerance"),
    [
        *(("+42", 42, 0.5), ("147.", 147, 0.5), ("-17.0", -17, 0.1), (".98", 0.98, 0.01)),
        *(("+15.995", 15.995, 0.005), ("+79.9663", 79.9663, 0.005)),
    ],
)
def test_a_mass_is_as_precise_as_it_is_written(tag: str, value: float, tolerance: float) -> None:
    assert mass_of_tag(tag) == (value, tolerance, tag[0] in "+-")


@pytest.mark.parametrize("tag", ["+42", "170", "+42.0"])
def test_a_mass_that_may_be_either_is_refused_in_one_sentence(tag: str) -> None:
    with pytest.raises(InputError, match=r"may be Acetyl or Trimethyl; give the mass with four"):
        parse_peptide(f"AK[{tag}]A", LYSINES)


@pytest.mark.parametrize("tag", ["+42.03", "+43", "171.11", "+15.995", "-42.011"])
def test_a_mass_of_nothing_is_refused(tag: str) -> None:
    with pytest.raises(InputError, match=r"is not in the alphabet 'lysines' for K"):
        parse_peptide(f"AK[{tag}]A", LYSINES)


def test_another_name_stands_for_a_modification_of_the_same_mass_alone() -> None:
    # UNIMOD: Guanidinyl of K is 0.011 Da heavier than Acetyl.
    with pytest.raises(InputError, match=r"\[Guanidinyl\] is not in the alphabet 'lysines' for K"):
        parse_peptide("AK[Guanidinyl]A", LYSINES)


def test_a_mass_at_the_first_residue_is_that_of_the_n_terminus_where_only_this_can_have_it() -> (
    None
):
    assert parse_peptide("A(+42.01)K", LYSINES) == ["[UNIMOD:1]-", "A", "K"]
    assert parse_peptide("K(+42.01)A", LYSINES) == [ACETYL, "A"]
    assert parse_peptide("K(+43.01)(+42.05)A", LYSINES) == ["[UNIMOD:5]-", TRIMETHYL, "A"]
    with pytest.raises(InputError, match="for A"):
        parse_peptide("KA(+42.01)", LYSINES)


def test_whole_numbers_without_a_sign_are_masses_of_all_that_is_there(common: Vocabulary) -> None:
    # 43 would also be the shift of a carbamyl.
    assert parse_peptide("n[43]AM[147]K", common.alphabet)[0] == "[UNIMOD:1]-"
    assert parse_peptide("[+43]-AK", common.alphabet)[0] == "[UNIMOD:5]-"
    assert parse_peptide("n[44]AK", common.alphabet)[0] == "[UNIMOD:5]-"
    assert parse_peptide("AM[16]K", common.alphabet)[1] == "M[UNIMOD:35]"


def test_a_mass_of_one_or_two_modifications_of_the_n_terminus_is_that_of_the_closest() -> None:
    # C3 and H4S are 0.0034 Da apart, less than four decimals may be off.
    formulas = {"X:1": "C3", "X:2": "H4S", "X:3": "O"}
    entries = {key: {"name": formula, "formula": formula} for key, formula in formulas.items()}
    alphabet = ResidueAlphabet("close", ["A"], entries, n_terminal=["[X:1]-", "[X:2]-", "[X:3]-"])
    assert parse_peptide("[+36.0010]-A", alphabet) == ["[X:1]-", "A"]
    assert parse_peptide("[+36.0025]-A", alphabet) == ["[X:2]-", "A"]
    assert parse_peptide("[+51.9949]-A", alphabet) == ["[X:1]-", "[X:3]-", "A"]
    assert parse_peptide("[+51.9983]-A", alphabet) == ["[X:2]-", "[X:3]-", "A"]
    assert parse_peptide("[+51.99]-A", alphabet) == ["[X:1]-", "[X:3]-", "A"]
    for too_far in ("+51.9890", "+52.0043", "+52.0", "+52"):
        with pytest.raises(InputError, match="for the N-terminus"):
            parse_peptide(f"[{too_far}]-A", alphabet)


def test_a_mass_may_begin_with_its_point() -> None:
    entries = {"UNIMOD:7": {"name": "Deamidated", "formula": "H-1N-1O"}}
    alphabet = ResidueAlphabet("point", ["A"], entries, n_terminal=["[UNIMOD:7]-"])
    assert parse_peptide("[+.984]-A", alphabet) == ["[UNIMOD:7]-", "A"]
