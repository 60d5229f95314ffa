from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from denovo.chemistry import PAD
from denovo.errors import InputError
from denovo.losses import (
    CompositeLoss,
    LossTerm,
    PrecursorMassLoss,
    SpectrumMatchingLoss,
    TokenLoss,
)
from denovo.spectra.batch import LabelledSpectra

CONF = Path(__file__).parents[2] / "conf/loss"
TERMS = {
    "token": partial(TokenLoss, label_smoothing=0.05),
    "spectrum": SpectrumMatchingLoss,
    "precursor": partial(PrecursorMassLoss, normalize=True),
}
WEIGHT = st.floats(0, 10, allow_subnormal=False)


class Explosive(LossTerm):
    """A term whose value is finite and whose gradient is not."""

    def forward(self, logits, batch):
        return (logits[-1].sum(dim=(1, 2)) * 0).sqrt()


class Scalar(LossTerm):
    """A term that was reduced too early."""

    def forward(self, logits, batch):
        return logits.mean()


class Watching(TokenLoss):
    """A term that notes whether it is computed with a gradient."""

    def forward(self, logits, batch):
        self.has_gradient = torch.is_grad_enabled()
        return super().forward(logits, batch)


@pytest.fixture(scope="module")
def batch(encode, make_batch):
    return make_batch([encode("SAMPLER"), encode("PEK")])


@pytest.fixture(scope="module")
def logits(batch, vocabulary):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(2, *batch.tokens.shape, len(vocabulary), generator=generator)


@settings(max_examples=50)
@given(token=WEIGHT, precursor=WEIGHT)
def test_the_total_is_linear_in_every_weight(vocabulary, batch, logits, token, precursor):
    loss = CompositeLoss(vocabulary, TERMS)
    loss.set_weights({"token": token, "spectrum": 0.5, "precursor": precursor})
    output = loss(logits, batch)
    values = {name: value.item() for name, value in output.terms.items()}
    expected = token * values["token"] + 0.5 * values["spectrum"] + precursor * values["precursor"]
    assert output.total.item() == pytest.approx(expected, rel=1e-5)


def test_terms_are_unweighted_batch_means_and_shares_add_up(vocabulary, batch, logits):
    loss = CompositeLoss(vocabulary, TERMS)
    loss.set_weights({"token": 1.0, "spectrum": 0.1, "precursor": 0.3})
    output = loss(logits, batch)
    mean = PrecursorMassLoss(vocabulary, normalize=True)(logits, batch).mean().item()
    assert output.terms["precursor"].item() == pytest.approx(mean)
    assert output.weights == {"token": 1.0, "spectrum": 0.1, "precursor": 0.3}
    assert sum(share.item() for share in output.shares.values()) == pytest.approx(1.0)
    share = 0.3 * mean / output.total.item()
    assert output.shares["precursor"].item() == pytest.approx(share)


def test_shares_of_a_small_loss_add_up_too(vocabulary, batch, logits):
    loss = CompositeLoss(vocabulary, TERMS)
    loss.set_weights(dict.fromkeys(TERMS, 1e-6))
    output = loss(logits, batch)
    assert 0 < output.total < 1
    assert sum(share.item() for share in output.shares.values()) == pytest.approx(1.0)


def test_a_loss_of_zero_has_no_shares(vocabulary, batch, certain):
    output = CompositeLoss(vocabulary, {"token": TokenLoss})(certain(batch.tokens), batch)
    assert output.total == output.shares["token"] == 0


def test_weights_belong_to_their_terms_in_whatever_order_they_are_named(vocabulary, batch, logits):
    weights = {"token": 1.0, "spectrum": 0.1, "precursor": 0.3}
    totals = []
    for names in (weights, reversed(weights)):
        loss = CompositeLoss(vocabulary, TERMS)
        loss.set_weights({name: weights[name] for name in names})
        totals.append(loss(logits, batch).total)
    assert torch.equal(*totals)


def test_a_weight_of_zero_gives_no_gradient_but_a_logged_value(vocabulary, batch, logits):
    loss = CompositeLoss(vocabulary, TERMS)
    both = loss(logits, batch)
    loss.set_weights({"token": 1.0, "spectrum": 0.0, "precursor": 0.0})
    leaf = logits.clone().requires_grad_()
    output = loss(leaf, batch)
    alone = torch.autograd.grad(TERMS["token"](vocabulary)(leaf, batch).mean(), leaf)[0]
    assert torch.equal(torch.autograd.grad(output.total, leaf)[0], alone)
    assert output.terms == both.terms
    assert output.shares["precursor"].item() == 0


def test_a_weight_of_zero_stops_an_infinite_gradient(vocabulary, batch, logits):
    loss = CompositeLoss(vocabulary, {"token": TokenLoss, "explosive": Explosive})
    gradients = []
    for weight in (1.0, 0.0):
        loss.set_weights({"token": 1.0, "explosive": weight})
        leaf = logits.clone().requires_grad_()
        loss(leaf, batch).total.backward()
        gradients.append(leaf.grad)
    assert gradients[0].isnan().any()
    assert gradients[1].isfinite().all()


@settings(max_examples=50)
@given(n_peaks=st.integers(0, 5), n_tokens=st.integers(0, 5), seed=st.integers(0, 99))
def test_padding_changes_no_term(vocabulary, batch, logits, n_peaks, n_tokens, seed):
    spectra = batch.spectra
    pad = torch.nn.functional.pad
    longer = LabelledSpectra(
        replace(
            spectra,
            mz=pad(spectra.mz, (0, n_peaks)),
            intensity=pad(spectra.intensity, (0, n_peaks)),
            peak_mask=pad(spectra.peak_mask, (0, n_peaks)),
        ),
        pad(batch.tokens, (0, n_tokens), value=PAD),
    )
    shape = (*logits.shape[:2], n_tokens, logits.shape[-1])
    more = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    for make in TERMS.values():
        term = make(vocabulary=vocabulary)
        torch.testing.assert_close(
            term(torch.cat([logits, more], dim=2), longer), term(logits, batch)
        )


def test_a_spectrum_has_the_same_loss_alone_and_in_a_batch(
    vocabulary, encode, make_batch, batch, logits
):
    for make in TERMS.values():
        term, alone = make(vocabulary=vocabulary), []
        for row, peptide in enumerate(("SAMPLER", "PEK")):
            one = make_batch([encode(peptide)])
            alone.append(term(logits[:, [row], : one.tokens.shape[1]], one))
        torch.testing.assert_close(torch.cat(alone), term(logits, batch))


def test_only_the_last_refinement_step_counts_unless_others_are_asked_for(
    vocabulary, batch, logits
):
    for make in TERMS.values():
        term = make(vocabulary=vocabulary)
        assert torch.equal(term(logits, batch), term(logits[-1:], batch))
        assert not torch.equal(term(logits, batch), term(logits[:1], batch))


def test_every_weight_and_factor_is_one_until_it_is_set(vocabulary):
    loss = CompositeLoss(vocabulary, TERMS)
    assert loss.weights == loss.factors == dict.fromkeys(TERMS, 1.0)


def test_weights_are_buffers_that_no_checkpoint_holds(vocabulary):
    loss = CompositeLoss(vocabulary, TERMS)
    loss.set_weights({"token": 0.5, "spectrum": 0, "precursor": 2})
    assert dict(loss.named_buffers())["weight_values"].tolist() == [0.5, 0.0, 2.0]
    assert loss.state_dict() == {}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"token": 1, "spectrum": 1, "precusor": 1}, "unknown: precusor, missing: precursor"),
        ({"token": 1, "spectrum": 1}, "unknown: none, missing: precursor"),
        ({"token": 1, "spectrum": -0.1, "precursor": 1}, "weight spectrum must be 0 or positive"),
        ({"token": 1, "spectrum": float("nan"), "precursor": 1}, "got nan"),
        ({"token": 1, "spectrum": float("inf"), "precursor": 1}, "got inf"),
        ({"token": 0, "spectrum": 0, "precursor": 0}, "all loss weights are 0"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_change_nothing(vocabulary, weights, message):
    loss = CompositeLoss(vocabulary, TERMS)
    with pytest.raises(InputError, match=message):
        loss.set_weights(weights)
    assert loss.weights == dict.fromkeys(TERMS, 1.0)


def test_a_loss_without_terms_is_refused(vocabulary):
    with pytest.raises(InputError, match="no terms"):
        CompositeLoss(vocabulary, {})


def test_a_term_that_is_not_per_spectrum_is_caught(vocabulary, batch, logits):
    loss = CompositeLoss(vocabulary, {"scalar": Scalar})
    with pytest.raises(AssertionError, match=r"scalar must give one value per spectrum"):
        loss(logits, batch)


@pytest.mark.parametrize("name", ["token", "composite"])
@pytest.mark.parametrize("loss_scale", [10, 100.0])
def test_every_loss_config_makes_a_loss(vocabulary, batch, logits, name, loss_scale):
    tree = OmegaConf.create(
        {
            "loss_scale": loss_scale,
            "penalty": "sqrt",
            "simulator": {"model": "TMT"},
            "loss": OmegaConf.load(CONF / f"{name}.yaml"),
        }
    )
    loss = instantiate(tree.loss, vocabulary=vocabulary)
    assert loss(logits, batch).total.isfinite()
    if name == "composite":
        assert list(loss.weights) == ["token", "spectrum", "precursor"]
        assert loss.terms["precursor"].loss_scale == loss_scale
        assert loss.terms["precursor"].penalty == "sqrt"
        assert loss.terms["precursor"].vocabulary is vocabulary
        assert [ion.name for ion in loss.terms["spectrum"].ion_types] == ["b", "y"]


def test_a_factor_scales_its_part_and_leaves_weights_and_terms_alone(vocabulary, logits, batch):
    loss = CompositeLoss(vocabulary, TERMS)
    before = loss(logits, batch)
    loss.set_factors({"precursor": 0.25})
    after = loss(logits, batch)
    assert torch.equal(after.parts["precursor"], 0.25 * before.parts["precursor"])
    assert torch.equal(after.parts["token"], before.parts["token"])
    assert torch.equal(after.terms["precursor"], before.terms["precursor"])
    assert after.weights == before.weights
    assert after.total.item() == pytest.approx(sum(p.item() for p in after.parts.values()))


@pytest.mark.parametrize("factors", [{"precursor": 1.5}, {"precursor": -0.5}, {"unknown": 0.5}])
def test_a_factor_that_is_no_share_of_a_term_is_a_fault_of_the_program(vocabulary, factors):
    with pytest.raises(AssertionError, match=next(iter(factors))):
        CompositeLoss(vocabulary, TERMS).set_factors(factors)


def test_all_factors_can_be_set_and_lifted_at_once(vocabulary, logits, batch):
    loss = CompositeLoss(vocabulary, TERMS)
    free = loss(logits, batch).total
    loss.set_factors(dict.fromkeys(TERMS, 0.5))
    assert torch.equal(loss(logits, batch).total, 0.5 * free)
    loss.set_factors(dict.fromkeys(TERMS, 1.0))
    assert torch.equal(loss(logits, batch).total, free)


def test_a_factor_of_zero_silences_a_term(vocabulary, logits, batch):
    loss = CompositeLoss(vocabulary, TERMS)
    loss.set_factors({"precursor": 0.0})
    assert loss(logits, batch).parts["precursor"] == 0


def test_what_is_logged_keeps_no_graph_alive(vocabulary, batch, logits):
    output = CompositeLoss(vocabulary, TERMS)(logits.clone().requires_grad_(), batch)
    for logged in (output.terms, output.shares, output.by_spectrum):
        assert not any(value.requires_grad for value in logged.values())
    assert output.total.requires_grad
    assert all(part.requires_grad for part in output.parts.values())


def test_where_gradients_are_off_none_is_computed(vocabulary, batch, logits):
    loss, leaf = CompositeLoss(vocabulary, TERMS), logits.clone().requires_grad_()
    with torch.no_grad():
        output = loss(leaf, batch)
    assert not output.total.requires_grad
    assert not any(part.requires_grad for part in output.parts.values())


@pytest.mark.parametrize(
    ("weight", "is_training", "expected"), [(1, True, True), (1, False, False), (0, True, False)]
)
def test_a_term_is_computed_with_a_gradient_only_where_one_is_used(
    vocabulary, batch, logits, weight, is_training, expected
):
    loss = CompositeLoss(vocabulary, {"token": TokenLoss, "watching": Watching})
    loss.set_weights({"token": 1.0, "watching": float(weight)})
    with torch.set_grad_enabled(is_training):
        loss(logits, batch)
    assert loss.terms["watching"].has_gradient == expected


def test_a_factor_that_is_not_named_again_is_lifted(vocabulary, logits, batch):
    loss = CompositeLoss(vocabulary, TERMS)
    free = loss(logits, batch).total
    loss.set_factors({"precursor": 0.25})
    loss.set_factors({})
    assert torch.equal(loss(logits, batch).total, free)


def test_a_setting_reaches_its_term_alone(vocabulary, logits, batch):
    loss = CompositeLoss(vocabulary, TERMS)
    assert loss(logits, batch).settings == {
        "token": {},
        "spectrum": {"width_da": 0.5},
        "precursor": {},
    }
    loss.set_settings({"spectrum": {"width_da": 0.05}})
    narrow = loss(logits, batch).terms
    assert (
        narrow["spectrum"] == SpectrumMatchingLoss(vocabulary, width_da=0.05)(logits, batch).mean()
    )
    assert narrow["precursor"] == loss(logits, batch).terms["precursor"]
    assert loss(logits, batch).settings["spectrum"] == {"width_da": 0.05}
    assert loss.state_dict() == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"spectrum": {"width_da": 1}}, "loss: unknown term 'spectrum'; known are token"),
        ({"token": {"width_da": 1}}, "TokenLoss: unknown setting .* 'width_da'"),
    ],
)
def test_a_setting_that_no_term_has_is_refused(vocabulary, settings, message):
    loss = CompositeLoss(vocabulary, {"token": TokenLoss})
    loss.set_settings({})
    with pytest.raises(InputError, match=message):
        loss.set_settings(settings)
