import math

import pytest
import torch

from denovo.chemistry import EOS, PAD
from denovo.errors import InputError
from denovo.losses import TokenLoss


@pytest.fixture
def batch(encode, make_batch):
    return make_batch([encode("SAMPLER"), encode("PEK")])


def random_logits(batch, vocabulary, n_steps: int = 1) -> torch.Tensor:
    """Random scores of everything that can be predicted, -1e9 for the rest."""
    generator = torch.Generator().manual_seed(5)
    logits = torch.full((n_steps, *batch.tokens.shape, len(vocabulary)), -1e9)
    allowed = [EOS, *vocabulary.candidates.tolist()]
    drawn = torch.randn(n_steps, *batch.tokens.shape, len(allowed), generator=generator)
    logits[..., allowed] = drawn
    return logits


def test_loss_of_certain_tokens_is_zero(vocabulary, batch, certain):
    assert TokenLoss(vocabulary)(certain(batch.tokens), batch).tolist() == [0.0, 0.0]


def test_loss_of_equal_logits_is_the_logarithm_of_the_number_of_tokens(vocabulary, batch):
    logits = torch.zeros(1, *batch.tokens.shape, len(vocabulary))
    expected = math.log(len(vocabulary))
    values = TokenLoss(vocabulary)(logits, batch)
    assert values.tolist() == pytest.approx([expected, expected])


def test_loss_agrees_with_torch_cross_entropy(vocabulary, batch):
    logits = random_logits(batch, vocabulary)
    values = TokenLoss(vocabulary)(logits, batch)
    for row, value in enumerate(values):
        oracle = torch.nn.functional.cross_entropy(
            logits[0, row], batch.tokens[row], ignore_index=PAD
        )
        torch.testing.assert_close(value, oracle)


def test_label_smoothing_spreads_over_predictable_tokens_alone(vocabulary, batch):
    logits = random_logits(batch, vocabulary)
    values = TokenLoss(vocabulary, label_smoothing=0.1)(logits, batch)
    allowed = [EOS, *vocabulary.candidates.tolist()]
    log_probability = logits[0].log_softmax(-1)
    for row, value in enumerate(values):
        terms = [
            -0.9 * log_probability[row, i, token] - 0.1 * log_probability[row, i, allowed].mean()
            for i, token in enumerate(batch.tokens[row])
            if token != PAD
        ]
        torch.testing.assert_close(value, torch.stack(terms).mean())


def test_label_smoothing_leaves_out_what_the_sequencer_rules_out_at_a_position(vocabulary, batch):
    logits = random_logits(batch, vocabulary)
    logits[:, :, 0, EOS] = -1e9
    assert TokenLoss(vocabulary, label_smoothing=0.1)(logits, batch).max() < 100


def test_padding_does_not_count(vocabulary, batch):
    logits = random_logits(batch, vocabulary)
    other = logits.clone()
    other[0][~batch.target_mask] = 7.0
    loss = TokenLoss(vocabulary, label_smoothing=0.1)
    assert torch.equal(loss(logits, batch), loss(other, batch))


@pytest.mark.parametrize(
    ("step_weights", "shares"),
    [
        ("last", (0, 0, 1)),
        ("uniform", (1 / 3, 1 / 3, 1 / 3)),
        ("linear", (1 / 6, 2 / 6, 3 / 6)),
        ([1, 0, 3], (0.25, 0, 0.75)),
    ],
)
def test_refinement_steps_count_by_their_weights(vocabulary, batch, step_weights, shares):
    logits = random_logits(batch, vocabulary, n_steps=3)
    single = TokenLoss(vocabulary)
    values = TokenLoss(vocabulary, step_weights=step_weights)(logits, batch)
    expected = sum(share * single(logits[k : k + 1], batch) for k, share in enumerate(shares))
    torch.testing.assert_close(values, expected)


def test_a_refinement_step_of_weight_zero_may_hold_anything(vocabulary, batch):
    logits = random_logits(batch, vocabulary, n_steps=2)
    logits[0] = torch.nan
    assert TokenLoss(vocabulary, step_weights=[0, 1])(logits, batch).isfinite().all()


@pytest.mark.parametrize("step_weights", ["first", [0, 0], [-1, 2], []])
def test_step_weights_that_make_no_sense_are_refused(vocabulary, step_weights):
    with pytest.raises(InputError, match="step_weights must"):
        TokenLoss(vocabulary, step_weights=step_weights)


def test_a_wrong_number_of_step_weights_is_refused(vocabulary, batch):
    loss = TokenLoss(vocabulary, step_weights=[1, 1])
    with pytest.raises(InputError, match="2 entries, but the sequencer makes 3"):
        loss(random_logits(batch, vocabulary, n_steps=3), batch)


@pytest.mark.parametrize("label_smoothing", [-0.1, 1.0, float("nan")])
def test_label_smoothing_out_of_range_is_refused(vocabulary, label_smoothing):
    with pytest.raises(InputError, match=r"label_smoothing must lie in \[0, 1\)"):
        TokenLoss(vocabulary, label_smoothing)
