"""Peptides that hold every residue, and residues found at fault."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.chemistry import FIRST_RESIDUE, ResidueAlphabet, Vocabulary
from denovo.evaluation.diagnosis.coverage import CoveringPeptides, MassCheck, oracle_mass


def test_every_entry_of_the_alphabet_stands_in_some_peptide(vocabulary):
    peptides = CoveringPeptides.draw(vocabulary)
    seen = {name for peptide in peptides.names for name in peptide}
    assert seen == set(vocabulary.tokens[FIRST_RESIDUE:])
    n_terminal = {r.name for r in vocabulary.alphabet.residues if r.is_n_terminal}
    inside = {name for peptide in peptides.names for name in peptide[1:]}
    assert not inside & n_terminal


@settings(deadline=None, max_examples=50)
@given(
    letters=st.lists(st.sampled_from("GASPVTLNDQKEMHFRYW"), min_size=1, unique=True),
    n_terminal=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_any_alphabet_is_covered(letters, n_terminal, seed):
    acetyl = {"UNIMOD:1": {"name": "Acetyl", "formula": "H2C2O"}}
    alphabet = ResidueAlphabet("some", letters, acetyl, ["[UNIMOD:1]-"] if n_terminal else [])
    peptides = CoveringPeptides.draw(Vocabulary(alphabet), seed)
    for shorter in (peptides, peptides.without_last()):
        seen = {name for peptide in shorter.names for name in peptide}
        assert seen == set(alphabet.by_name)
        assert shorter.compare("oracle", "mass", shorter.masses).is_ok


def test_equal_seeds_draw_equal_peptides(common):
    one, other = (CoveringPeptides.draw(common, seed=3) for _ in range(2))
    assert one.names == other.names
    assert one.names != CoveringPeptides.draw(common, seed=4).names


@pytest.mark.parametrize(
    ("names", "mass"),
    [
        # Neutral monoisotopic masses: PEPTIDE [M+H]+ 800.3672 less a proton; acetyl 42.010565,
        # carbamidomethyl 57.021464 and oxidation 15.994915 from unimod.org.
        (list("PEPTIDE"), 799.35997),
        (["[UNIMOD:1]-", *"PEPTIDE"], 799.35997 + 42.010565),
        (["C[UNIMOD:4]"], 103.009185 + 57.021464 + 18.010565),
        (["M[UNIMOD:35]"], 131.040485 + 15.994915 + 18.010565),
    ],
)
def test_the_oracle_weighs_what_textbooks_say(common, names, mass):
    assert oracle_mass(names, common.alphabet) == pytest.approx(mass, abs=1e-5)


def test_masses_of_the_oracle_itself_are_all_right(vocabulary):
    peptides = CoveringPeptides.draw(vocabulary)
    check = peptides.compare("oracle", "mass", peptides.masses)
    assert check.is_ok
    assert str(check) == "ok"


@settings(deadline=None, max_examples=20)
@given(data=st.data(), shift=st.floats(0.01, 200))
def test_the_one_residue_that_weighs_otherwise_is_named_with_its_shift(common, data, shift):
    peptides = CoveringPeptides.draw(common)
    name = data.draw(st.sampled_from(common.tokens[FIRST_RESIDUE:]))
    counts = np.array([peptide.count(name) for peptide in peptides.names])
    check = peptides.compare("losses", "mass", peptides.masses + shift * counts)
    assert check.deviations == {name: pytest.approx(shift, abs=1e-6)}
    assert check.remark == ""


@pytest.mark.parametrize("start", [0, 1, 3, 5, 7])
def test_a_table_numbered_from_another_start_is_recognised(vocabulary, start):
    peptides = CoveringPeptides.draw(vocabulary)
    rolled = vocabulary.masses.roll(FIRST_RESIDUE - start)
    masses = [float(rolled[vocabulary.encode(text)].sum()) + 18.0105647 for text in peptides.texts]
    check = peptides.compare("data", "mass", np.array(masses))
    assert check.remark == f"as if residues were numbered from {start} instead of 4"
    assert not check.is_ok


def test_a_peptide_without_a_mass_is_named(canonical):
    peptides = CoveringPeptides.draw(canonical)
    masses = peptides.masses.copy()
    masses[2] = np.nan
    check = peptides.compare("metrics", "mass", masses)
    assert str(check) == f"{peptides.texts[2]} has no mass"


def test_a_long_list_of_deviations_is_counted():
    check = MassCheck("data", "mass", {"G": 1.0, "A": -2.0, "S": 3.5, "P": 4.0, "V": 5.0})
    assert str(check) == "G by +1 Da, A by -2 Da, S by +3.5 Da and 2 more"
