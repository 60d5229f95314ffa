import copy
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denovo.chemistry import EOS, FIRST_RESIDUE, PAD, SOS, UNK, ResidueAlphabet, Vocabulary
from denovo.errors import InputError

TokensOf = Callable[..., st.SearchStrategy[list[int]]]


def test_special_tokens_stand_at_0_to_3_and_residues_from_4(vocabulary: Vocabulary) -> None:
    assert (PAD, SOS, EOS, UNK, FIRST_RESIDUE) == (0, 1, 2, 3, 4)
    assert vocabulary.tokens[:4] == ("<pad>", "<sos>", "<eos>", "<unk>")
    assert vocabulary.tokens[4] == vocabulary.alphabet.residues[0].name
    assert vocabulary.is_residue.tolist() == [False] * 4 + [True] * (len(vocabulary) - 4)


def test_special_tokens_weigh_nothing_and_every_token_its_residue(vocabulary: Vocabulary) -> None:
    masses = [residue.mass for residue in vocabulary.alphabet.residues]
    assert vocabulary.masses.tolist() == [0.0] * 4 + masses
    terminal = [residue.is_n_terminal for residue in vocabulary.alphabet.residues]
    assert vocabulary.is_n_terminal.tolist() == [False] * 4 + terminal


@given(data=st.data())
def test_a_peptide_survives_being_written_and_read(
    vocabulary: Vocabulary, data: st.DataObject, tokens_of: TokensOf
) -> None:
    tokens = data.draw(tokens_of(vocabulary))
    assert vocabulary.encode(vocabulary.decode(tokens)) == tokens


@given(data=st.data())
def test_decoding_stops_at_the_first_eos_and_passes_over_padding(
    vocabulary: Vocabulary, data: st.DataObject, tokens_of: TokensOf
) -> None:
    tokens = data.draw(tokens_of(vocabulary))
    assert vocabulary.decode([SOS, *tokens, EOS, *tokens]) == vocabulary.decode(tokens)
    assert vocabulary.decode([*tokens, PAD, PAD]) == vocabulary.decode(tokens)


def test_names_are_encoded_like_text(common: Vocabulary) -> None:
    assert common.encode(["[UNIMOD:1]-", "A", "C[UNIMOD:4]"]) == common.encode("[Acetyl]-AC")
    with pytest.raises(InputError, match="residue C is not in the alphabet"):
        common.encode(["A", "C"])


def test_a_canonical_token_is_its_own_canonical_token(vocabulary: Vocabulary) -> None:
    canonical = vocabulary.canonical
    assert canonical[canonical].tolist() == canonical.tolist()


def test_candidates_are_the_residues_without_those_that_another_weighs_the_same_as(
    canonical: Vocabulary, common: Vocabulary
) -> None:
    letters = [canonical.tokens[token][0] for token in canonical.candidates]
    assert sorted(letters) == sorted("ACDEFGHKLMNPQRSTVWY")  # L stands for I too
    left_out = set(range(FIRST_RESIDUE, len(common))) - set(common.candidates.tolist())
    assert {common.tokens[token] for token in left_out} == {"I", "N[UNIMOD:7]", "Q[UNIMOD:7]"}


def test_a_canonical_token_weighs_the_same(vocabulary: Vocabulary) -> None:
    difference = vocabulary.masses[vocabulary.canonical] - vocabulary.masses
    assert difference.abs().max().item() < 1e-6


def test_residues_of_equal_mass_share_a_token(common: Vocabulary) -> None:
    index, canonical = common.index, common.canonical.tolist()
    assert canonical[index["I"]] == index["L"]
    assert canonical[index["N[UNIMOD:7]"]] == index["D"]
    assert canonical[index["Q[UNIMOD:7]"]] == index["E"]
    merged = {common.tokens[i] for i, token in enumerate(canonical) if i != token}
    assert merged == {"I", "N[UNIMOD:7]", "Q[UNIMOD:7]"}


def test_an_unmodified_residue_stands_for_its_equals_wherever_it_is_listed() -> None:
    entries = {"UNIMOD:7": {"name": "Deamidated", "formula": "H-1N-1O"}}
    reversed_order = Vocabulary(ResidueAlphabet("reversed", ["N[UNIMOD:7]", "D"], entries))
    assert reversed_order.canonical.tolist() == [PAD, SOS, EOS, UNK, 5, 5]


def test_candidates_are_the_canonical_residues(common: Vocabulary) -> None:
    assert common.candidates.tolist() == sorted(set(common.canonical.tolist()) - {0, 1, 2, 3})


def test_a_residue_and_a_terminal_modification_of_equal_mass_stay_apart() -> None:
    # Carbamidomethylation of the N-terminus weighs as much as glycine.
    entries = {"UNIMOD:4": {"name": "Carbamidomethyl", "formula": "H3C2NO"}}
    vocabulary = Vocabulary(ResidueAlphabet("close", ["G"], entries, ["[UNIMOD:4]-"]))
    assert vocabulary.masses[4].item() == pytest.approx(vocabulary.masses[5].item(), abs=1e-9)
    assert vocabulary.canonical.tolist() == list(range(6))


def test_a_vocabulary_accepts_its_own_state(vocabulary: Vocabulary) -> None:
    vocabulary.check_state(copy.deepcopy(vocabulary.state()))


def test_a_modification_of_the_n_terminus_is_no_residue(common: Vocabulary) -> None:
    assert common.n_residues(common.encode("[UNIMOD:1]-AC[UNIMOD:4]K")) == 3
    assert common.n_residues([]) == 0


@pytest.mark.parametrize("n_masses", [0, 5])
def test_a_table_that_differs_in_its_fingerprint_alone_is_refused(
    common: Vocabulary, n_masses: int
) -> None:
    state = common.state() | {"fingerprint": "another"}
    state["masses"] = state["masses"][: len(common) - n_masses]
    with pytest.raises(InputError, match=r"\(their fingerprints do not agree\)"):
        common.check_state(state)


def test_a_table_that_numbers_residues_from_1_is_refused(common: Vocabulary) -> None:
    # The fault this project began with: data counted from 1 A, losses from 4 A.
    shifted = Vocabulary(common.alphabet).state()
    shifted["tokens"] = ["<pad>", *shifted["tokens"][4:]]
    shifted["fingerprint"] = "another"
    with pytest.raises(InputError, match="'<sos>' here, 'G' there"):
        common.check_state(shifted)


def test_an_alphabet_in_another_order_is_refused() -> None:
    first, second = (Vocabulary(ResidueAlphabet("two", order)) for order in ("GA", "AG"))
    assert first != second
    with pytest.raises(InputError, match="'G' here, 'A' there"):
        first.check_state(second.state())


def test_an_alphabet_with_other_masses_is_refused() -> None:
    formulas = ("O", "O2")
    light, heavy = (
        Vocabulary(
            ResidueAlphabet(
                "m", ["M[UNIMOD:35]"], {"UNIMOD:35": {"name": "Oxidation", "formula": formula}}
            )
        )
        for formula in formulas
    )
    assert light.tokens == heavy.tokens
    message = r"'M\[UNIMOD:35\]' weighs 147.035400 Da here, 163.030314 Da there"
    with pytest.raises(InputError, match=message):
        light.check_state(heavy.state())
    with pytest.raises(InputError, match=f"^the loss and the data number .*{message}.*one Vocab"):
        light.check_same(heavy, "the loss", "the data")


def test_an_alphabet_with_more_residues_is_refused() -> None:
    short, long = (Vocabulary(ResidueAlphabet("more", list(letters))) for letters in ("GA", "GAS"))
    with pytest.raises(InputError, match="6 tokens here, 7 there"):
        short.check_same(long, "the loss", "the data")
    long.check_same(Vocabulary(long.alphabet), "the loss", "the data")


def test_the_fingerprint_is_that_of_the_networks_that_were_exported(common: Vocabulary) -> None:
    # From denovo/weights/denovo.json; a change makes every exported network unreadable.
    assert common.fingerprint == "a019e160dc214863"


def test_equal_alphabets_make_equal_vocabularies(common: Vocabulary) -> None:
    again = Vocabulary(common.alphabet)
    assert again == common
    assert hash(again) == hash(common)
