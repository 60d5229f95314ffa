from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from denovo.curriculum import Curriculum
from denovo.errors import InputError
from denovo.losses import SpectrumMatchingLoss, expected_residue_masses
from denovo.losses.spectrum import _nearest_ions
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens

CONF = Path(__file__).parents[2] / "conf/curriculum/precursor.yaml"
RESIDUES = st.lists(st.integers(4, 23), min_size=2, max_size=20)


def relabel(batch, tokens):
    return replace(batch, tokens=torch.tensor(tokens))


@settings(max_examples=50)
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


@settings(max_examples=50)
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
    match = 1 / (1 + ((batch.spectra.mz[0, :, None] - ions) / 0.5) ** 2)
    everything = (1 - match).prod(dim=1).mean().item()  # all intensities are 1
    assert loss(logits, batch).item() == pytest.approx(everything, abs=0.02)


@pytest.mark.parametrize("offsets", [(-3.0, -0.1), (-0.1, 0.1), (0.1, 3.0)])
def test_two_ions_on_either_side_of_a_peak_explain_it(offsets):
    peak = torch.tensor([[500.0]], dtype=torch.float64)
    # Two more on each side, farther off than those that count.
    ions = torch.tensor([[490.0, 495.0, *(500.0 + o for o in offsets), 505.0, 510.0]])
    nearest = _nearest_ions(peak, ions.double(), torch.ones(1, 6, dtype=torch.bool))[0, 0]
    below, above = ions[ions < 500][-2:], ions[ions > 500][:2]
    assert torch.equal(nearest, torch.cat([below, above]).double())


def test_no_bond_breaks_between_a_modification_and_the_first_residue(common, make_one_hot):
    tokens = pad_tokens([common.encode("[UNIMOD:1]-SAMPLER")])
    mass = torch.tensor([common.peptide_mass(tokens[0, :-1].tolist())], dtype=torch.float64)
    loss = SpectrumMatchingLoss(common, ion_types=["b"], width_da=0.002)
    values = []
    # The b ion of acetyl (42.010565 Da) alone, and of acetylated serine (87.032028 Da).
    for mz in (42.010565 + 1.007276, 42.010565 + 87.032028 + 1.007276):
        peak = torch.tensor([[mz]])
        is_peak = torch.ones(1, 1, dtype=torch.bool)
        spectra = Spectra(peak, torch.ones(1, 1), is_peak, mass, torch.tensor([2]))
        batch = LabelledSpectra(spectra, tokens)
        values.append(loss(make_one_hot(tokens, len(common))[None], batch).item())
    assert values == pytest.approx([1.0, 0.0], abs=1e-3)


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


def test_the_unit_of_intensities_does_not_matter(vocabulary, encode, make_batch, certain):
    batch = make_batch([encode("SAMPLER")])
    shuffled = make_batch([encode("SPAELMR")])
    loss, values = SpectrumMatchingLoss(vocabulary), []
    for unit in (1.0, 1e-3):
        spectra = replace(batch.spectra, intensity=unit * batch.spectra.intensity)
        labelled = LabelledSpectra(spectra, shuffled.tokens)
        values.append(loss(certain(shuffled.tokens), labelled).item())
    assert values[0] > 0.2
    assert values[1] == pytest.approx(values[0])


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


def shipped_widths() -> list[float]:
    """List widths along the shipped curriculum, which narrows them in its first stage."""
    tree = {"size": {"steps_per_stage": 10}, "noise": {}, "it": OmegaConf.load(CONF)}
    curriculum = instantiate(OmegaConf.create(tree).it)
    assert isinstance(curriculum, Curriculum)
    return [curriculum.stage_at(step).terms["spectrum"]["width_da"] for step in range(11)]


def one_doubt(batch, vocabulary, position, wrong, right):
    """Make logits sure of every residue but one, where the wrong one has probability 0.98."""
    logits = torch.full((1, *batch.tokens.shape, len(vocabulary)), -1e9)
    logits.scatter_(-1, batch.tokens[None, ..., None], 0.0)
    logits[0, 0, position, [wrong, right]] = torch.tensor([4.0, 0.0])
    return logits.requires_grad_()


@pytest.mark.parametrize("width", shipped_widths())
# Differences of 0.036, 0.98, 14 (one methylene), 44 and 129 Da.
@pytest.mark.parametrize("pair", ["KQ", "ND", "GA", "SM", "GW"])
def test_a_wrong_residue_feels_a_pull_at_the_width_of_every_stage(
    vocabulary, encode, make_batch, width, pair
):
    wrong, right = encode(pair)
    batch = make_batch([encode(f"SA{pair[1]}PLERTIDEK")])
    loss = SpectrumMatchingLoss(vocabulary)
    loss.set_settings({"width_da": width})
    logits = one_doubt(batch, vocabulary, 2, wrong, right)
    loss(logits, batch).sum().backward()
    gradient = logits.grad[0, 0, 2]
    assert gradient.isfinite().all()
    assert gradient[[wrong, right]].abs().min() > 1e-6


@pytest.mark.parametrize("width", shipped_widths())
def test_residues_too_alike_to_be_seen_otherwise_are_told_apart_at_every_width(
    vocabulary, encode, make_batch, width
):
    # Lysine and glutamine are 0.036 Da apart.
    wrong, right = encode("KQ")
    batch = make_batch([encode("SAQPLERTIDEK")])
    loss = SpectrumMatchingLoss(vocabulary)
    loss.set_settings({"width_da": width})
    logits = one_doubt(batch, vocabulary, 2, wrong, right)
    loss(logits, batch).sum().backward()
    gradient = logits.grad[0, 0, 2]
    assert gradient[right] < 0 < gradient[wrong]


def test_untrained_logits_feel_a_pull_at_the_width_of_every_stage(vocabulary, encode, make_batch):
    batch = make_batch([encode("SAMPLERTIDEK"), encode("GGWAPEDK")])
    loss = SpectrumMatchingLoss(vocabulary)
    for width in shipped_widths():
        loss.set_settings({"width_da": width})
        logits = torch.zeros(1, *batch.tokens.shape, len(vocabulary), requires_grad=True)
        loss(logits, batch).sum().backward()
        # Nothing stands behind the last residue that it could move.
        before_the_last = batch.residue_mask[:, 1:]
        assert logits.grad[0, :, :-1][before_the_last].abs().amax(-1).min() > 1e-8


@settings(max_examples=50)
@given(distance=st.floats(0.01, 1000), width=st.floats(0.02, 5))
def test_a_peak_pulls_at_any_distance(vocabulary, encode, make_batch, certain, distance, width):
    batch = make_batch([encode("GK")], ions=("b",))
    shifted = replace(batch.spectra, mz=batch.spectra.mz + distance)
    loss = SpectrumMatchingLoss(vocabulary, ["b"])
    loss.set_settings({"width_da": width})
    glycine, tryptophan = encode("GW")
    logits = one_doubt(batch, vocabulary, 0, glycine, tryptophan)
    loss(logits, replace(batch, spectra=shifted)).sum().backward()
    assert logits.grad[0, 0, 0, glycine].abs() > 0


def test_a_width_that_is_set_is_that_of_a_loss_made_with_it(vocabulary, encode, make_batch):
    batch = make_batch([encode("SAMPLER")])
    logits = torch.zeros(1, *batch.tokens.shape, len(vocabulary))
    loss = SpectrumMatchingLoss(vocabulary, width_da=0.3)
    loss.set_settings({})
    assert loss.settings == {"width_da": 0.3}
    loss.set_settings({"width_da": 0.1})
    assert loss.settings == {"width_da": 0.1}
    assert torch.equal(
        loss(logits, batch), SpectrumMatchingLoss(vocabulary, width_da=0.1)(logits, batch)
    )
    with pytest.raises(InputError, match="width_da must be positive, got 0"):
        loss.set_settings({"width_da": 0})
    with pytest.raises(InputError, match=r"setting .* 'width'; did you mean width_da\?"):
        loss.set_settings({"width": 1})


def test_no_checkpoint_holds_a_width(vocabulary):
    assert SpectrumMatchingLoss(vocabulary).state_dict() == {}


@pytest.mark.parametrize(
    ("settings", "share"),
    [({"intensity_power": 1.0}, 0.9), ({"intensity_power": 0.5}, 0.75), ({}, 0.75)],
)
def test_peaks_count_by_a_power_of_their_intensity(
    vocabulary, encode, make_batch, certain, settings, share
):
    batch = make_batch([encode("GK")], ions=("b", "y"))
    mz = batch.spectra.mz + torch.tensor([[0.0, 5000.0]])
    # The peak that is explained is nine times as intense as the one that is not.
    spectra = replace(batch.spectra, mz=mz, intensity=torch.tensor([[0.9, 0.1]]))
    loss = SpectrumMatchingLoss(vocabulary, **settings)
    value = loss(certain(batch.tokens), replace(batch, spectra=spectra))
    assert value.item() == pytest.approx(1 - share, abs=1e-5)


def test_the_loss_ignores_autocast(vocabulary, encode, make_batch):
    batch = make_batch([encode("SAMPLER"), encode("PEPTIDEK")])
    generator = torch.Generator().manual_seed(7)
    logits = torch.randn(1, *batch.tokens.shape, len(vocabulary), generator=generator)
    loss = SpectrumMatchingLoss(vocabulary)
    outside = loss(logits, batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = loss(logits, batch)
    assert torch.equal(inside, outside)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"width_da": 0}, "width_da must be positive, got 0"),
        ({"intensity_power": 0}, "intensity_power must be positive, got 0"),
        ({"ion_types": ["b", "z"]}, "unknown ion type 'z'; expected a, b or y"),
        ({"ion_types": []}, "ion_types is empty"),
    ],
)
def test_settings_that_make_no_sense_are_refused(vocabulary, setting, message):
    with pytest.raises(InputError, match=message):
        SpectrumMatchingLoss(vocabulary, **setting)
