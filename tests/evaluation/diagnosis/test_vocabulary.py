"""Every part of the program weighs every residue as pyteomics does."""

import numpy as np
import pytest
import torch
from pyteomics import mass

from denovo.chemistry import FIRST_RESIDUE, PROTON_MASS, WATER_MASS, Vocabulary
from denovo.decoding import GreedyDecoder
from denovo.errors import InputError
from denovo.evaluation.diagnosis.vocabulary import compare_vocabulary
from denovo.losses import expected_mass
from denovo.metrics.evaluation import EvaluationMetrics
from denovo.spectra.batch import LabelledSpectra, pad_tokens
from tests.helpers.ladder_spectra import ladder_spectra
from tests.helpers.table_sequencer import Oracle, empty_spectra


def peptides_of(vocabulary):
    """One peptide for each entry of the alphabet, and its mass from elements."""
    peptides = {}
    for residue in vocabulary.alphabet.residues:
        text = f"{residue.name}GASPG"
        letters = f"{residue.amino_acid}GASPG"
        modification = residue.modification
        added = mass.calculate_mass(formula=modification.formula) if modification else 0.0
        peptides[text] = mass.calculate_mass(sequence=letters) + added
    return peptides


@pytest.fixture
def weighed(vocabulary):
    peptides = peptides_of(vocabulary)
    return list(peptides), np.array(list(peptides.values()))


def test_texts_weigh_what_pyteomics_says(vocabulary, weighed):
    texts, masses = weighed
    found = [vocabulary.peptide_mass(vocabulary.encode(text)) for text in texts]
    assert found == pytest.approx(masses, abs=1e-6)


def test_spectra_hold_precursors_fragments_and_tokens_of_that_mass(vocabulary, weighed):
    texts, masses = weighed
    batch = ladder_spectra(texts, vocabulary).read(np.arange(len(texts)))
    assert batch.spectra.precursor_mass.numpy() == pytest.approx(masses, abs=1e-6)
    last_b = masses - WATER_MASS - mass.calculate_mass(sequence="G") + WATER_MASS + PROTON_MASS
    assert batch.spectra.mz.amax(dim=1).numpy() == pytest.approx(last_b, abs=1e-3)
    tokens = vocabulary.masses[batch.tokens].sum(dim=1) + WATER_MASS
    assert tokens.numpy() == pytest.approx(masses, abs=1e-6)


def test_losses_expect_that_mass_of_a_certain_distribution(vocabulary, weighed):
    texts, masses = weighed
    tokens = pad_tokens([vocabulary.encode(text) for text in texts])
    logits = torch.nn.functional.one_hot(tokens, len(vocabulary)).float() * 1e4
    found = expected_mass(logits, tokens >= FIRST_RESIDUE, vocabulary)
    assert found.numpy() == pytest.approx(masses, abs=1e-6)


def test_metrics_find_no_error_in_a_decoded_peptide_of_that_mass(vocabulary, weighed):
    for text, value in zip(*weighed, strict=True):
        tokens = vocabulary.encode(text)
        metrics = EvaluationMetrics(vocabulary)
        batch = LabelledSpectra(empty_spectra(1, value), pad_tokens([tokens]))
        observed = torch.tensor([value], dtype=torch.float64)
        metrics.update([tokens], observed, torch.zeros(1), batch)
        error = float(metrics.decoded_error.compute()["ppm_error_mean"])
        assert error == pytest.approx(0.0, abs=0.01), text


def test_decoders_write_the_peptide_and_expect_its_mass(vocabulary, weighed):
    for text, value in zip(*weighed, strict=True):
        decoder = GreedyDecoder(max_length=12, max_overshoot=None)
        decoded = decoder(Oracle(vocabulary, "forward", text), empty_spectra(1, value))
        assert decoded.expected_mass.item() == pytest.approx(value, abs=1e-3)
        (tokens,) = decoded.peptides
        expected = vocabulary.canonical[vocabulary.encode(text)].tolist()
        assert vocabulary.canonical[tokens].tolist() == expected


def test_the_table_agrees_with_pyteomics_and_with_itself(vocabulary):
    assert compare_vocabulary(vocabulary)["is_equal"].all()
    assert compare_vocabulary(vocabulary, vocabulary.state())["is_equal"].all()


def test_a_heavier_residue_is_found(common):
    other = Vocabulary(common.alphabet)
    other.masses = other.masses.clone()
    other.masses[other.index["H"]] += 0.5
    table = compare_vocabulary(other)
    assert table.loc[~table["is_equal"], "name"].tolist() == ["H"]


def test_a_stored_table_of_another_order_or_length_is_found(common, canonical):
    state = common.state()
    rolled = {key: [*state[key][3:], *state[key][:3]] for key in ("tokens", "masses")}
    assert not compare_vocabulary(common, state | rolled)["is_equal"].any()
    table = compare_vocabulary(common, canonical.state())
    assert len(table) == len(common)
    assert not table["is_equal"].all()


@pytest.mark.parametrize("state", [{}, {"tokens": ["G"], "masses": []}, {"tokens": 1, "masses": 2}])
def test_a_checkpoint_without_a_table_is_one_sentence(common, state):
    with pytest.raises(InputError, match="no table"):
        compare_vocabulary(common, state)
