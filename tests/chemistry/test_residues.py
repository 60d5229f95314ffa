import pytest

from denovo.chemistry import Modification, ResidueAlphabet, Vocabulary
from denovo.errors import InputError

OXIDATION = {"UNIMOD:35": {"name": "Oxidation", "formula": "O"}}


def test_shipped_alphabets_share_the_numbers_of_their_common_residues(
    canonical: Vocabulary, common: Vocabulary
) -> None:
    assert common.tokens[: len(canonical)] == canonical.tokens


@pytest.mark.parametrize("text", ["UNIMOD:35", "U:35", "Oxidation", "U:Oxidation"])
def test_a_modification_is_found_by_accession_and_name(text: str) -> None:
    alphabet = ResidueAlphabet("small", ["M", "M[UNIMOD:35]"], OXIDATION)
    modification = alphabet.find_modification(text)
    assert modification is not None
    assert modification.mass == pytest.approx(15.994915, abs=1e-6)


@pytest.mark.parametrize("text", ["Phospho", "+15.995", "35", "", "nan", "UNIMOD:3"])
def test_a_modification_that_is_not_listed_is_not_found(common: Vocabulary, text: str) -> None:
    assert common.alphabet.find_modification(text) is None


@pytest.mark.parametrize(
    ("residues", "options", "message"),
    [
        (["G", "g"], {}, "cannot read 'g'"),
        (["G", "B"], {}, "'B' is not an amino acid"),
        (["G", "G"], {}, "listed twice"),
        ([], {}, "has no residues"),
        (["M[UNIMOD:35]"], {}, "not listed under modifications"),
        (["G"], {"n_terminal": ["[UNIMOD:1]"]}, "cannot read"),
        (["G"], {"implied": {"C": "C[UNIMOD:4]"}}, "implied C"),
        (["M", "M[UNIMOD:35]"], {"modifications": OXIDATION, "implied": {"M": "M"}}, "implied M"),
        (["G"], {"modifications": {"UNIMOD:35": {"name": "Oxidation"}}}, "name and a formula"),
        (["G"], {"modifications": {"X:1": {"name": "x", "formula": "?"}}}, "chemical formula"),
    ],
)
def test_a_faulty_alphabet_is_an_input_error(
    residues: list[str], options: dict, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        ResidueAlphabet("faulty", residues, **options)


def test_a_modification_weighs_what_its_formula_says() -> None:
    # Unimod accession 4: 57.021464 Da.
    assert Modification("UNIMOD:4", "Carbamidomethyl", "H3C2NO").mass == pytest.approx(
        57.021464, abs=1e-6
    )


# Glycine is C2H3NO; CH2 is 0.0126 Da heavier than N. Countless such residues make a peptide.
@pytest.mark.parametrize("formula", ["C-2H-3N-1O-1", "C-3H-5O-1", "C-1H-1N-2O-1"])
def test_a_residue_weighs_more_than_a_da(formula: str) -> None:
    entries = {"X:1": {"name": "Loss", "formula": formula}}
    with pytest.raises(InputError, match=r"G\[X:1\] would weigh -?0\.0"):
        ResidueAlphabet("light", ["G[X:1]"], entries)


def test_alphabets_are_equal_if_they_read_and_write_alike_whatever_their_name() -> None:
    options = {"modifications": OXIDATION, "implied": {"M": "M[UNIMOD:35]"}}
    first = ResidueAlphabet("first", ["G", "M[UNIMOD:35]"], **options)
    same = ResidueAlphabet("same", ["G", "M[UNIMOD:35]"], **options)
    assert first == same
    assert hash(first) == hash(same)
    assert first != ResidueAlphabet("order", ["M[UNIMOD:35]", "G"], **options)
    assert first != ResidueAlphabet("not implied", ["G", "M[UNIMOD:35]"], OXIDATION)
    assert first != "first"
