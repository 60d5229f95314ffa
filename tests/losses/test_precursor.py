from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from denovo.errors import InputError
from denovo.losses import PrecursorMassLoss

# log(1 + e / 100) * 100 and 100 / (100 + e), by hand.
GOLDEN = [
    (1.0, 0.995, 0.99010),
    (10.0, 9.531, 0.90909),
    (100.0, 69.315, 0.5),
    (1_000.0, 239.790, 0.090909),
    (25_000.0, 552.545, 0.003984),
    (100_000.0, 690.875, 0.000999),
]


def value_and_slope(loss: PrecursorMassLoss, error: float) -> tuple[float, float]:
    errors = torch.tensor([error], dtype=torch.float64, requires_grad=True)
    value = loss.penalty(errors)
    value.backward()
    return value.item(), errors.grad.item()


def shifted(batch, ppm: float):
    """Claim a precursor that makes the true peptide ``ppm`` too heavy."""
    mass = batch.spectra.precursor_mass / (1 + ppm * 1e-6)
    return replace(batch, spectra=replace(batch.spectra, precursor_mass=mass))


@pytest.mark.parametrize(("error", "value", "slope"), GOLDEN)
@pytest.mark.parametrize("sign", [1, -1])
def test_log_loss_has_the_value_and_slope_of_its_formula(vocabulary, error, value, slope, sign):
    found = value_and_slope(PrecursorMassLoss(vocabulary), sign * error)
    assert found[0] == pytest.approx(value, abs=5e-4)
    assert found[1] == pytest.approx(sign * slope, abs=5e-6)


@pytest.mark.parametrize(
    ("loss_scale", "value"),
    [(10, 78.24), (100, 552.55), (1_000, 3258.10), (10_000, 12527.63), (100_000, 22314.36)],
)
def test_loss_scale_moves_the_size_of_the_plain_loss_as_well(vocabulary, loss_scale, value):
    plain, _ = value_and_slope(PrecursorMassLoss(vocabulary, loss_scale), 25_000.0)
    assert plain == pytest.approx(value, abs=0.01)


@settings(deadline=None, max_examples=50)
@given(error=st.floats(0, 1e6), loss_scale=st.floats(0.1, 1e5), use_log_loss=st.booleans())
def test_normalized_loss_is_the_plain_one_divided_by_its_scale(
    vocabulary, error, loss_scale, use_log_loss
):
    plain, normalized = (
        PrecursorMassLoss(vocabulary, loss_scale, use_log_loss, normalize=n) for n in (False, True)
    )
    errors = torch.tensor([error], dtype=torch.float64)
    torch.testing.assert_close(normalized.penalty(errors) * loss_scale, plain.penalty(errors))


@settings(deadline=None, max_examples=50)
@given(error=st.floats(100.001, 1e6))
def test_clamp_is_flat_beyond_its_bound_where_the_log_loss_is_not(vocabulary, error):
    clamp = PrecursorMassLoss(vocabulary, use_log_loss=False)
    assert value_and_slope(clamp, error) == (100.0, 0.0)
    assert value_and_slope(PrecursorMassLoss(vocabulary), error)[1] > 0


def test_clamp_is_the_absolute_error_below_its_bound(vocabulary):
    clamp = PrecursorMassLoss(vocabulary, use_log_loss=False)
    assert value_and_slope(clamp, -40.0) == (40.0, -1.0)


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


def test_a_clamp_that_is_not_positive_is_refused(vocabulary):
    with pytest.raises(InputError, match="clamp_ppm must be positive, got 0"):
        PrecursorMassLoss(vocabulary, clamp_ppm=0)
