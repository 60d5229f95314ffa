import math
from dataclasses import replace
from functools import partial

import pytest
import torch

from denovo.errors import InputError
from denovo.losses import PENALTIES, PrecursorMassLoss, make_penalty
from denovo.losses.precursor import MASSES, UNITS


def shifted(batch, ppm: float):
    """Claim a precursor that makes the true peptide ``ppm`` too heavy."""
    mass = batch.spectra.precursor_mass / (1 + ppm * 1e-6)
    return replace(batch, spectra=replace(batch.spectra, precursor_mass=mass))


def random_logits(batch, vocabulary):
    generator = torch.Generator().manual_seed(5)
    return torch.randn(1, *batch.tokens.shape, len(vocabulary), generator=generator)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("normalize", [False, True])
def test_the_loss_is_the_penalty_of_the_error(vocabulary, encode, make_batch, penalty, normalize):
    batch = make_batch([encode("SAMPLER"), encode("PEPTIDEK")])
    logits = random_logits(batch, vocabulary)
    loss = PrecursorMassLoss(vocabulary, 30, penalty=penalty, normalize=normalize, tail=0.2)
    expected = make_penalty(penalty, 30, normalize, tail=0.2)(loss.error(logits, batch))
    assert torch.equal(loss(logits, batch), expected)
    assert expected.min() > 0


def test_no_log_loss_is_another_way_to_write_the_clamp(vocabulary):
    for penalty in ("log", "clamp"):
        loss = PrecursorMassLoss(vocabulary, 50, use_log_loss=False, penalty=penalty)
        assert (loss.penalty, loss.loss_scale) == ("clamp", 50)


def test_no_log_loss_beside_another_member_is_refused(vocabulary):
    with pytest.raises(
        InputError, match=r"^use_log_loss=false means penalty=clamp, but penalty=hu"
    ):
        PrecursorMassLoss(vocabulary, use_log_loss=False, penalty="huber")


def test_an_error_in_da_is_the_one_in_ppm_times_the_measured_mass(vocabulary, encode, make_batch):
    batch = make_batch([encode("SAMPLER"), encode("PEPTIDEK")])
    logits = random_logits(batch, vocabulary)
    ppm, da = (PrecursorMassLoss(vocabulary, unit=unit).error(logits, batch) for unit in UNITS)
    torch.testing.assert_close(da, ppm * batch.spectra.precursor_mass * 1e-6)


def test_the_tail_of_the_hybrid_is_one_hundredth_unless_it_is_set(vocabulary):
    error, loss = torch.tensor([1e6]), PrecursorMassLoss(vocabulary, 1, penalty="hybrid")
    expected = 0.99 * math.log1p(1e6) + 0.01 * 1e6
    for penalty in (
        loss.penalise,
        make_penalty("hybrid", 1),
        partial(PENALTIES["hybrid"], loss_scale=1.0),
    ):
        assert penalty(error).item() == pytest.approx(expected)


def test_straight_through_charges_the_peptide_that_would_be_written_down(
    vocabulary, encode, make_batch
):
    batch = make_batch([encode("GGGK")])
    logits = torch.zeros(1, *batch.tokens.shape, len(vocabulary))
    logits.scatter_(-1, batch.tokens[None, ..., None], 0.1)
    soft, hard = (PrecursorMassLoss(vocabulary, mass=mass)(logits, batch) for mass in MASSES)
    assert hard.item() == pytest.approx(0, abs=1e-9)
    assert soft.item() > 100


@pytest.mark.parametrize("ppm", [100.0, -100.0])
def test_loss_of_a_certain_peptide_follows_its_precursor(
    vocabulary, encode, make_batch, certain, ppm
):
    batch = shifted(make_batch([encode("SAMPLER"), encode("PEPTIDEK")]), ppm)
    values = PrecursorMassLoss(vocabulary)(certain(batch.tokens), batch)
    assert values.tolist() == pytest.approx([69.3147, 69.3147], abs=1e-3)


def test_loss_of_the_true_peptide_is_zero(vocabulary, encode, make_batch, certain):
    batch = make_batch([encode("SAMPLER"), encode("PEPTIDEK")])
    values = PrecursorMassLoss(vocabulary)(certain(batch.tokens), batch)
    assert values.tolist() == pytest.approx([0.0, 0.0], abs=1e-6)


def test_an_untrained_sequencer_learns_from_the_log_and_not_from_the_clamp(
    vocabulary, encode, make_batch
):
    batch = make_batch([encode("GGGGGK"), encode("WWWWWR")])
    logits = torch.zeros(1, *batch.tokens.shape, len(vocabulary), requires_grad=True)
    gradients = []
    for use_log_loss in (True, False):
        values = PrecursorMassLoss(vocabulary, use_log_loss=use_log_loss)(logits, batch)
        gradients.append(torch.autograd.grad(values.sum(), logits)[0])
    assert gradients[0][0][batch.residue_mask].abs().amax(-1).min() > 0
    assert gradients[1].abs().max() == 0


def test_only_the_last_refinement_step_counts(vocabulary, encode, make_batch, certain):
    batch = make_batch([encode("SAMPLER")])
    last = certain(batch.tokens)
    logits = torch.cat([torch.zeros_like(last), last])
    loss = PrecursorMassLoss(vocabulary)
    assert torch.equal(loss(logits, batch), loss(last, batch))


@pytest.mark.parametrize("loss_scale", [0, -1.0, float("nan"), float("inf"), True])
def test_a_loss_scale_that_is_not_positive_is_refused(vocabulary, loss_scale):
    with pytest.raises(InputError, match=f"^loss_scale must be positive, got {loss_scale}$"):
        PrecursorMassLoss(vocabulary, loss_scale)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"penalty": "lgo"}, "unknown penalty 'lgo'; did you mean log"),
        ({"unit": "da"}, "unknown unit 'da'; known are ppm, Da"),
        ({"mass": "straight"}, "unknown mass 'straight'; did you mean straight_through"),
    ],
)
def test_an_unknown_name_is_refused_with_the_closest_known_one(vocabulary, setting, message):
    with pytest.raises(InputError, match=f"^precursor mass loss: {message}"):
        PrecursorMassLoss(vocabulary, **setting)
