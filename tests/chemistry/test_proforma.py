import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import (
    ResidueAlphabet,
    Vocabulary,
    bare_sequence,
    parse_peptide,
    with_mass_shifts,
)
from denovo.chemistry.proforma import split_proforma
from denovo.errors import InputError, UnreadablePeptideError

CAM, OXIDISED, DEAMIDATED = "C[UNIMOD:4]", "M[UNIMOD:35]", "Q[UNIMOD:7]"
ACETYL, CARBAMYL, AMMONIA_LOSS = "[UNIMOD:1]-", "[UNIMOD:5]-", "[UNIMOD:385]-"


@pytest.mark.parametrize(
    ("text", "residues"),
    [
        ("PEPTIDE", list("PEPTIDE")),
        (" PEK ", list("PEK")),
        ("PEK/2", list("PEK")),
        # Carbamidomethylated cysteine, written out or implied.
        ("ACK", ["A", CAM, "K"]),
        ("AC[UNIMOD:4]K", ["A", CAM, "K"]),
        ("AC[U:4]K", ["A", CAM, "K"]),
        ("AC[Carbamidomethyl]K", ["A", CAM, "K"]),
        ("AC[carbamidomethyl]K", ["A", CAM, "K"]),
        ("AC[U:Carbamidomethyl]K", ["A", CAM, "K"]),
        ("AC[Carbamidomethyl|INFO:sure]K", ["A", CAM, "K"]),
        ("AC[+57.021]K", ["A", CAM, "K"]),
        ("AC[+57.02146]K", ["A", CAM, "K"]),
        ("AC+57.021K", ["A", CAM, "K"]),
        ("AC+57.02K", ["A", CAM, "K"]),
        # Other residues.
        ("M[Oxidation]M+15.995M[+15.99]M[Obs:+15.995]", [OXIDISED] * 4),
        ("M[+15.995|INFO:sure]K", [OXIDISED, "K"]),
        ("Q+.984Q+0.98Q[Deamidated]Q[UNIMOD:7]", [DEAMIDATED] * 4),
        # The N-terminus.
        ("[Acetyl]-AK", [ACETYL, "A", "K"]),
        ("[+42.011]-AK", [ACETYL, "A", "K"]),
        ("[+42.011]AK", [ACETYL, "A", "K"]),
        ("+42.011AK", [ACETYL, "A", "K"]),
        ("[Carbamyl]-AK", [CARBAMYL, "A", "K"]),
        ("+43.006AK", [CARBAMYL, "A", "K"]),
        ("[Ammonia-loss]-QK", [AMMONIA_LOSS, "Q", "K"]),
        ("-17.027QK", [AMMONIA_LOSS, "Q", "K"]),
        ("+42.011AC+57.021M+15.995K", [ACETYL, "A", CAM, OXIDISED, "K"]),
        # Two modifications of the N-terminus, in the order of the alphabet.
        ("+43.006-17.027AK", [CARBAMYL, AMMONIA_LOSS, "A", "K"]),
        ("-17.027+43.006AK", [CARBAMYL, AMMONIA_LOSS, "A", "K"]),
        ("[+43.006][-17.027]-AK", [CARBAMYL, AMMONIA_LOSS, "A", "K"]),
        ("[UNIMOD:5]-[UNIMOD:385]-AK", [CARBAMYL, AMMONIA_LOSS, "A", "K"]),
        ("[25.9803]AK", [CARBAMYL, AMMONIA_LOSS, "A", "K"]),
        ("[+25.980265]-AK", [CARBAMYL, AMMONIA_LOSS, "A", "K"]),
        # Other names of UNIMOD for the same atoms at the same place.
        ("[Gln->pyro-Glu]-QK", [AMMONIA_LOSS, "Q", "K"]),
        ("Q[Deamidation]K", [DEAMIDATED, "K"]),
    ],
)
def test_every_spelling_means_the_same_residues(
    common: Vocabulary, text: str, residues: list[str]
) -> None:
    assert parse_peptide(text, common.alphabet) == residues


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("PEXK", "residue X is not in the alphabet 'common'"),
        ("PEM[Phospho]K", r"\[Phospho\] is not in the alphabet"),
        ("PES+79.966K", r"\[\+79.966\] is not in the alphabet"),
        ("C[Oxidation]K", r"C\[UNIMOD:35\] is not in the alphabet"),
        ("[Oxidation]-MK", r"N-terminal \[UNIMOD:35\]- is not in the alphabet"),
        ("M[Oxidation][Acetyl]K", "carries 2 modifications"),
        ("M[]K", "empty modification"),
        ("_M[]K_", "empty modification"),
        ("[+.5]-MK", r"\[\+\.5\] is not in the alphabet 'common' for the N-terminus"),
        ("PEPTIDE-[Methyl]", "C-terminus"),
        ("[Oxidation]?MMK", "unknown position"),
        ("{Glycan:Hex}NK", "labile"),
        ("<[Carbamidomethyl]@C>ACK", "every residue of a kind"),
        ("<13C>AK", "isotope label"),
        ("P(ESM)[Oxidation]K", "range"),
        ("PE(?DK)R", "range"),
        ("M[Oxidation#g1]AM[#g1]K", "ambiguous"),
        ("C[XLMOD:02001#XL1]AK[#XL1]", "cross-link"),
        ("PEK/2[+Na+,+H+]", "charge carrier"),
        ("PEK//PEK", "not valid ProForma"),
        ("PEK+AAK", "not valid ProForma"),
        ("pek", "not valid ProForma"),
        ("PE K", "not valid ProForma"),
        ("PE*K", "not valid ProForma"),
        ("PEM[+15.995", "not valid ProForma"),
        ("PEM]K", "not valid ProForma"),
        ("12", "not valid ProForma"),
        ("[Acetyl]-", "no residues"),
        ("PEM[+15.995]k", r"write modifications in brackets after their residue, as in PEM\["),
    ],
)
def test_what_cannot_be_read_is_an_input_error_that_quotes_it(
    common: Vocabulary, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_peptide(text, common.alphabet)
    assert repr(text) in str(caught.value) or not text.strip()


def test_of_two_modifications_of_the_same_atoms_the_first_stands_for_other_names() -> None:
    atoms = {"formula": "H-1N-1O"}
    entries = {"X:1": {"name": "First", **atoms}, "X:2": {"name": "Second", **atoms}}
    alphabet = ResidueAlphabet("two", ["Q", "Q[X:1]", "Q[X:2]"], entries)
    assert parse_peptide("Q[Deamidation]Q[Second]", alphabet) == ["Q[X:1]", "Q[X:2]"]


def test_a_modification_outside_a_smaller_alphabet_names_the_alphabet(
    canonical: Vocabulary,
) -> None:
    with pytest.raises(InputError, match=r"'canonical'.*residues=common"):
        parse_peptide("PEM[Oxidation]K", canonical.alphabet)


@given(st.text("ACMKX[]()<>{}+-.|/#?:@^,19 UNIMOD:ae", max_size=25))
def test_any_text_is_either_read_or_an_input_error(common: Vocabulary, text: str) -> None:
    try:
        residues = parse_peptide(text, common.alphabet)
    except InputError:
        return
    assert set(residues) <= set(common.alphabet.by_name)


@pytest.mark.parametrize(
    "text", ["PEMK", "PEM[Oxidation]K/3", "[Acetyl]-PEMK", "+42.011PEM+15.995K", "PE+.98MK"]
)
def test_a_bare_sequence_has_letters_only(text: str) -> None:
    assert bare_sequence(text) == "PEMK"


def test_modifications_become_mass_shifts_that_need_no_database(common: Vocabulary) -> None:
    text = with_mass_shifts("[UNIMOD:1]-PEM[Oxidation]C[UNIMOD:4]K", common.alphabet)
    assert text == "[+42.010565]-PEM[+15.994915]C[+57.021464]K"
    assert with_mass_shifts("[UNIMOD:5]-[UNIMOD:385]-AK", common.alphabet) == "[+25.979265]-AK"
    with pytest.raises(InputError, match=r"Phospho.* not in the alphabet 'common'"):
        with_mass_shifts("S[Phospho]K", common.alphabet)


@pytest.mark.parametrize("text", ["", "pek", "PEK+AAK", "PE*K", "[Acetyl]-"])
def test_no_notation_is_told_from_what_an_alphabet_lacks(common: Vocabulary, text: str) -> None:
    with pytest.raises(UnreadablePeptideError):
        parse_peptide(text, common.alphabet)
    for outside in ("PEXK", "PEM[Phospho]K", "PEPTIDE-[Methyl]"):
        with pytest.raises(InputError) as caught:
            parse_peptide(outside, common.alphabet)
        assert not isinstance(caught.value, UnreadablePeptideError)


@given(st.lists(st.integers(4, 28), min_size=1, max_size=12))
def test_what_a_vocabulary_writes_it_reads_again(common: Vocabulary, drawn: list[int]) -> None:
    is_n_terminal = common.is_n_terminal.tolist()
    heads = sorted({token for token in drawn if is_n_terminal[token]})
    tokens = heads + [token for token in drawn if not is_n_terminal[token]] + [4]
    assert common.encode(common.decode(tokens)) == tokens


@pytest.mark.parametrize("text", ["PE(MK)[+15.995]", "PE(MK)[Oxidation]/2", "(PEMK)[+1]", "PEK("])
def test_a_range_at_the_end_is_refused_as_elsewhere(common: Vocabulary, text: str) -> None:
    with pytest.raises(InputError, match=r"parentheses|not valid ProForma"):
        common.encode(text)


def test_parentheses_in_the_name_of_a_modification_are_no_range() -> None:
    _, residues = split_proforma("PEM[Hex(1)HexNAc(2)]K")
    assert [letter for letter, _ in residues] == list("PEMK")
