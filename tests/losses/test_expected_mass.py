import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.chemistry import PAD, Ppm
from denovo.losses import expected_mass, expected_residue_masses, straight_through_mass
from denovo.spectra.batch import pad_tokens

RESIDUES = st.lists(st.integers(4, 23), min_size=1, max_size=30)


@settings(max_examples=50)
@given(peptides=st.lists(RESIDUES, min_size=1, max_size=4))
def test_expected_mass_of_a_certain_peptide_is_its_mass(peptides, vocabulary, certain):
    tokens = pad_tokens(peptides)
    mass = expected_mass(certain(tokens)[0], tokens >= 4, vocabulary)
    truth = torch.tensor([vocabulary.peptide_mass(p) for p in peptides], dtype=torch.float64)
    torch.testing.assert_close(mass, truth, rtol=0, atol=1e-9)


def test_expected_mass_of_peptide_is_the_textbook_mass(vocabulary, encode, certain):
    # PEPTIDE, neutral monoisotopic mass 799.3600 Da ([M+H]+ 800.3672).
    tokens = pad_tokens([encode("PEPTIDE")])
    mass = expected_mass(certain(tokens)[0], tokens >= 4, vocabulary)
    assert mass.item() == pytest.approx(799.3600, abs=1e-4)


def test_half_of_the_probability_on_pad_does_not_sink_the_mass(vocabulary, encode, certain):
    tokens = pad_tokens([encode("SAMPLER")])
    logits = certain(tokens)[0]
    logits[..., PAD] = 0.0
    assert logits.softmax(-1)[0, 0, PAD] == 0.5
    mass = expected_mass(logits, tokens >= 4, vocabulary)
    assert Ppm(1e-6).contains(mass.item(), vocabulary.peptide_mass(encode("SAMPLER")))


def test_expected_residue_mass_is_the_mean_of_two_equally_likely_residues(vocabulary, encode):
    tokens = pad_tokens([encode("G")])
    logits = torch.full((1, 2, len(vocabulary)), -1e9)
    glycine, alanine = encode("GA")
    logits[0, 0, [glycine, alanine]] = 3.0
    masses = expected_residue_masses(logits, tokens >= 4, vocabulary)
    # Glycine 57.02146 Da, alanine 71.03711 Da; EOS weighs nothing.
    assert masses[0].tolist() == pytest.approx([64.029285, 0.0], abs=1e-5)


def test_expected_mass_ignores_autocast(vocabulary):
    logits = torch.randn(2, 12, len(vocabulary), generator=torch.Generator().manual_seed(1))
    mask = torch.ones(2, 12, dtype=torch.bool)
    outside = expected_mass(logits, mask, vocabulary)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = expected_mass(logits, mask, vocabulary)
    assert inside.dtype == torch.float64
    assert torch.equal(inside, outside)


def test_expected_mass_is_summed_up_in_double_precision(vocabulary):
    logits = torch.randn(2, 30, len(vocabulary), generator=torch.Generator().manual_seed(5))
    weights = np.exp(logits[..., 4:].numpy().astype(np.float64))
    masses = (weights * vocabulary.masses[4:].numpy()).sum(-1) / weights.sum(-1)
    found = expected_mass(logits, torch.ones(2, 30, dtype=torch.bool), vocabulary)
    # Probabilities in single precision are off by some 1e-5 Da here.
    assert found.numpy() == pytest.approx(masses.sum(-1) + 18.010564684, abs=1e-9)


def test_expected_mass_keeps_the_axis_of_refinement_steps(vocabulary):
    logits = torch.randn(3, 2, 5, len(vocabulary), generator=torch.Generator().manual_seed(2))
    mask = torch.ones(2, 5, dtype=torch.bool)
    masses = expected_mass(logits, mask, vocabulary)
    assert masses.shape == (3, 2)
    torch.testing.assert_close(masses[1], expected_mass(logits[1], mask, vocabulary))
    decided = straight_through_mass(logits, mask, vocabulary)
    torch.testing.assert_close(decided[1], straight_through_mass(logits[1], mask, vocabulary))


def test_a_modification_of_the_n_terminus_weighs_what_it_adds(common, make_one_hot):
    # Acetylation adds C2H2O, 42.010565 Da.
    masses = []
    for peptide in ("[UNIMOD:1]-PEPTIDE", "PEPTIDE"):
        tokens = pad_tokens([common.encode(peptide)])
        logits = make_one_hot(tokens, len(common))
        masses.append(expected_mass(logits, tokens >= 4, common).item())
    assert masses[0] - masses[1] == pytest.approx(42.010565, abs=1e-6)


@settings(max_examples=50)
@given(peptides=st.lists(RESIDUES, min_size=1, max_size=3), margin=st.floats(0.01, 20))
def test_straight_through_weighs_the_best_residues_with_the_gradient_of_the_mean(
    peptides, margin, vocabulary
):
    tokens = pad_tokens(peptides)
    logits = torch.zeros(*tokens.shape, len(vocabulary))
    logits = logits.scatter(-1, tokens[..., None], margin).requires_grad_()
    # The largest logit of all stands on a special token and must not win.
    logits.data[..., PAD] = 99.0
    gradients = []
    for mass_of in (expected_mass, straight_through_mass):
        mass = mass_of(logits, tokens >= 4, vocabulary)
        gradients.append(torch.autograd.grad(mass.sum(), logits)[0])
    truth = torch.tensor([vocabulary.peptide_mass(p) for p in peptides], dtype=torch.float64)
    torch.testing.assert_close(mass.detach(), truth, rtol=0, atol=1e-9)
    assert torch.equal(*gradients)
