from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.losses import SpectrumMatchingLoss, expected_residue_masses

RESIDUES = st.lists(st.integers(4, 23), min_size=2, max_size=20)


def relabel(batch, tokens):
    return replace(batch, tokens=torch.tensor(tokens))


@settings(deadline=None, max_examples=50)
@given(peptides=st.lists(RESIDUES, min_size=1, max_size=3))
def test_a_complete_ladder_is_explained_by_its_peptide(peptides, vocabulary, make_batch, certain):
    batch = make_batch(peptides)
    values = SpectrumMatchingLoss(vocabulary)(certain(batch.tokens), batch)
    assert values.max() < 1e-5


def test_a_shuffled_peptide_explains_less(vocabulary, encode, make_batch, certain):
    batch = make_batch([encode("SAMPLER"), encode("PEPTIDE")])
    shuffled = make_batch([encode("SPAELMR"), encode("PDITPEE")])
    loss = SpectrumMatchingLoss(vocabulary)
    values = loss(certain(shuffled.tokens), replace(batch, tokens=shuffled.tokens))
    assert values.min() > 0.2


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 1000))
def test_values_lie_between_zero_and_one(seed, vocabulary, encode, make_batch):
    batch = make_batch([encode("SAMPLER"), encode("PEK")])
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(2, *batch.tokens.shape, len(vocabulary), generator=generator)
    values = SpectrumMatchingLoss(vocabulary)(logits, batch)
    assert values.min() >= 0
    assert values.max() <= 1


def test_the_gradient_leads_from_a_wrong_residue_to_the_right_one(vocabulary, encode, make_batch):
    # Asparagine and aspartate are 0.984 Da apart, two widths.
    batch = make_batch([encode("SADPK")])
    wrong, right = encode("ND")
    logits = torch.full((1, *batch.tokens.shape, len(vocabulary)), -1e9)
    logits.scatter_(-1, batch.tokens[None, ..., None], 0.0)
    logits[0, 0, 2, wrong] = 4.0
    logits.requires_grad_()
    SpectrumMatchingLoss(vocabulary)(logits, batch).sum().backward()
    gradient = logits.grad[0, 0, 2]
    assert gradient.isfinite().all()
    assert gradient[right] < -1e-3
    assert gradient[wrong] > 1e-3


def test_the_nearest_ions_explain_what_all_ions_together_do(vocabulary, encode, make_batch):
    batch = make_batch([encode("SAMPLERPEPTIDEK")])
    generator = torch.Generator().manual_seed(4)
    logits = 4 * torch.randn(1, *batch.tokens.shape, len(vocabulary), generator=generator)
    loss = SpectrumMatchingLoss(vocabulary)
    residues = expected_residue_masses(logits[0], batch.residue_mask, vocabulary)[0]
    prefix = residues[: batch.n_residues[0]].cumsum(0)[:-1]
    mass = batch.spectra.precursor_mass[0]
    ions = torch.cat([ion.mz(prefix, mass) for ion in loss.ion_types])
    match = torch.exp(-0.5 * ((batch.spectra.mz[0, :, None] - ions) / 0.5) ** 2)
    everything = (1 - match).prod(dim=1).mean().item()  # all intensities are 1
    assert loss(logits, batch).item() == pytest.approx(everything, abs=1e-3)


def test_gradient_is_finite_at_a_perfect_match(vocabulary, encode, make_batch, certain):
    batch = make_batch([encode("SAMPLER")])
    logits = certain(batch.tokens).requires_grad_()
    SpectrumMatchingLoss(vocabulary)(logits, batch).sum().backward()
    assert logits.grad.isfinite().all()


def test_half_of_a_spectrum_out_of_reach_is_half_of_the_loss(
    vocabulary, encode, make_batch, certain
):
    batch = make_batch([encode("SAMPLER")], ions=("b", "y"))
    spectra = batch.spectra
    far = torch.cat([spectra.mz, spectra.mz + 5000], dim=1)
    doubled = replace(
        spectra,
        mz=far,
        intensity=spectra.intensity.repeat(1, 2),
        peak_mask=spectra.peak_mask.repeat(1, 2),
    )
    value = SpectrumMatchingLoss(vocabulary)(certain(batch.tokens), replace(batch, spectra=doubled))
    assert value.item() == pytest.approx(0.5, abs=1e-5)


def test_doubly_charged_ions_are_expected_of_precursors_of_charge_two_only(
    vocabulary, encode, make_batch, certain
):
    loss = SpectrumMatchingLoss(vocabulary, width_da=0.002)
    for charge, explained in ((1, False), (2, True), (3, True)):
        batch = make_batch([encode("SAMPLER")], charge=charge, ions=("b2", "y2"))
        value = loss(certain(batch.tokens), batch).item()
        assert value == pytest.approx(0.0 if explained else 1.0, abs=5e-3)


def test_a_spectrum_without_peaks_has_no_loss(vocabulary, encode, make_batch, certain):
    batch = make_batch([encode("SAMPLER")])
    empty = {
        name: torch.zeros_like(getattr(batch.spectra, name))
        for name in ("mz", "intensity", "peak_mask")
    }
    batch = replace(batch, spectra=replace(batch.spectra, **empty))
    assert SpectrumMatchingLoss(vocabulary)(certain(batch.tokens), batch).item() == 0


def test_a_single_residue_has_no_sites_and_explains_nothing(
    vocabulary, encode, make_batch, certain
):
    batch = make_batch([encode("SAMPLER")])
    batch = relabel(batch, [[encode("K")[0], 2]])
    assert SpectrumMatchingLoss(vocabulary)(certain(batch.tokens), batch).item() == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"width_da": 0}, "width_da must be positive, got 0"),
        ({"ion_types": ["z"]}, "unknown ion type 'z'"),
        ({"ion_types": []}, "ion_types is empty"),
    ],
)
def test_settings_that_make_no_sense_are_refused(vocabulary, setting, message):
    with pytest.raises(InputError, match=message):
        SpectrumMatchingLoss(vocabulary, **setting)
