"""Every room is held to the one table, and a shifted one is caught in each of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from denovo.chemistry import FIRST_RESIDUE, Vocabulary
from denovo.errors import InputError
from denovo.evaluation.diagnosis.coverage import CoveringPeptides
from denovo.evaluation.diagnosis.vocabulary import (
    check_decoding,
    check_losses,
    check_metrics,
    check_source,
    check_state,
    check_table,
    check_vocabulary,
    first_fault,
)
from denovo.simulation.predicted import ladder_spectra

FROM_ONE = "as if residues were numbered from 1 instead of 4"


class ShiftedSource:
    """A source that numbers residues on its own: 0 PAD, 1 A, 2 R, ..."""

    def __init__(self, source, shift):
        self.source, self.shift = source, shift
        self.vocabulary, self.lengths = source.vocabulary, source.lengths

    def __len__(self):
        return len(self.source)

    def identifiers(self, indices):
        return self.source.identifiers(indices)

    def read(self, indices):
        batch = self.source.read(indices)
        tokens = batch.tokens
        return replace(batch, tokens=tokens + self.shift * (tokens >= FIRST_RESIDUE))


@pytest.fixture(scope="module")
def peptides(common):
    return CoveringPeptides.draw(common)


@pytest.fixture
def shifted(common):
    """A vocabulary whose masses stand three places too late."""
    vocabulary = Vocabulary(common.alphabet)
    vocabulary.masses = torch.cat([torch.zeros(3).double(), vocabulary.masses[:-3]])
    return vocabulary


def test_all_rooms_agree_with_pyteomics(vocabulary):
    checks = check_vocabulary(vocabulary)
    assert [check.room for check in checks if not check.is_ok] == []
    assert {check.room for check in checks} == {
        "vocabulary", "data", "losses", "metrics", "decoding",
    }  # fmt: skip
    assert first_fault(checks) is None


@pytest.mark.parametrize("check", [check_table, check_losses, check_metrics])
def test_shifted_masses_are_caught_in_each_room(peptides, shifted, check):
    found = check(peptides, shifted)
    assert found.remark == FROM_ONE
    assert found.deviations["G"] == pytest.approx(-57.021464, abs=1e-4)


def test_shifted_masses_are_caught_in_decoding(peptides, shifted):
    mass, text = check_decoding(peptides, shifted)
    assert mass.remark == FROM_ONE
    assert text.is_ok


def test_a_decoder_with_other_names_writes_another_peptide(peptides, common):
    other = Vocabulary(common.alphabet)
    tokens = list(other.tokens)
    glycine, tryptophan = tokens.index("G"), tokens.index("W")
    tokens[glycine], tokens[tryptophan] = "W", "G"
    other.tokens = tuple(tokens)
    mass, text = check_decoding(peptides, other)
    assert mass.is_ok
    assert "is read as" in text.remark


@pytest.mark.parametrize("check", [check_table, check_losses, check_metrics])
def test_one_heavier_residue_is_named_alone(peptides, common, check):
    other = Vocabulary(common.alphabet)
    other.masses = other.masses.clone()
    other.masses[other.index["H"]] += 0.5
    assert check(peptides, other).deviations == {"H": pytest.approx(0.5, abs=1e-4)}


def test_a_source_that_numbers_residues_on_its_own_is_caught(peptides, common):
    source = ladder_spectra(peptides.texts, common)
    precursor, ladder, tokens = check_source(peptides, ShiftedSource(source, -3))
    # The spectra are right, what is said of them is not.
    assert precursor.is_ok
    assert ladder.is_ok
    assert tokens.remark == FROM_ONE
    assert "tokens: G by -57.0215 Da" in (first_fault([precursor, ladder, tokens]) or "")


def test_tokens_beyond_the_table_are_named(peptides, common):
    source = ladder_spectra(peptides.texts, common)
    *_, tokens = check_source(peptides, ShiftedSource(source, 10))
    assert "does not exist" in tokens.remark


def test_spectra_of_another_table_are_caught_by_precursor_and_ladder(peptides, shifted):
    precursor, ladder, _ = check_source(peptides, ladder_spectra(peptides.texts, shifted))
    assert precursor.remark == FROM_ONE
    assert ladder.deviations["G"] == pytest.approx(-57.0215, abs=2e-3)


def test_a_stored_table_is_compared_by_number(peptides, common):
    names, masses = check_state(peptides, common.state())
    assert names.is_ok
    assert masses.is_ok


def test_a_stored_table_rolled_by_three_is_caught(peptides, common):
    state = common.state()
    rolled = {key: list(np.roll(np.array(state[key], dtype=object), 3)) for key in
              ("tokens", "masses")}  # fmt: skip
    names, masses = check_state(peptides, state | rolled)
    assert names.remark == "token 0 is [UNIMOD:1]-, expected <pad>"
    assert masses.remark == FROM_ONE


def test_a_stored_table_of_another_length_is_caught(peptides, canonical):
    names, masses = check_state(peptides, canonical.state())
    assert names.remark == "24 tokens, expected 30"
    assert "has no mass" in masses.remark


@pytest.mark.parametrize("state", [{}, {"tokens": ["G"], "masses": []}, {"tokens": 1, "masses": 2}])
def test_a_checkpoint_without_a_table_is_one_sentence(peptides, state):
    with pytest.raises(InputError, match="no table"):
        check_state(peptides, state)
