"""The risk over candidates: by hand, its gradient, and when it is computed."""

import math
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from denovo.decoding import BeamDecoder, GreedyDecoder
from denovo.errors import InputError
from denovo.losses import CandidateRisk, CompositeLoss, TokenLoss
from denovo.models import TransformerSequencer

SCORE = st.floats(-5, 5)


class Table(nn.Module):
    """A network that gives each peptide a score of its own, whatever the spectrum."""

    def __init__(self, vocabulary, peptides, scores):
        super().__init__()
        self.n_tokens = len(vocabulary)
        self.numbers = {tuple(peptide): n for n, peptide in enumerate(peptides)}
        self.scores = nn.Parameter(torch.tensor(scores, dtype=torch.float64))

    def forward(self, batch):
        # The first residue takes the whole score; the others are certain.
        logits = torch.zeros(1, *batch.tokens.shape, self.n_tokens, dtype=torch.float64)
        certain = nn.functional.one_hot(batch.tokens, self.n_tokens) * 1e4
        rows = zip(batch.tokens, batch.residue_mask, strict=True)
        numbers = [self.numbers[tuple(row[mask].tolist())] for row, mask in rows]
        logits = logits + certain
        first = torch.log_softmax(self.scores, 0)[numbers]
        others = torch.log(-torch.expm1(first) / (self.n_tokens - 1))
        spread = others[:, None].repeat(1, self.n_tokens)
        spread = spread.scatter(1, batch.tokens[:, :1], first[:, None])
        return torch.cat([spread[None, :, None], logits[:, :, 1:]], dim=2)


def risk_of(vocabulary, sequencer, peptides, **settings):
    """Make a loss whose search finds the same peptides for every spectrum."""

    def propose(network, spectra):
        assert not network.training
        listed = [SimpleNamespace(peptide=peptide) for peptide in peptides]
        return SimpleNamespace(candidates=[listed] * len(spectra))

    loss = CandidateRisk(vocabulary, propose, **settings)
    loss.attach(sequencer)
    return loss


@given(st.lists(SCORE, min_size=3, max_size=3))
def test_the_risk_is_the_mean_cost_by_probability(vocabulary, encode, make_batch, scores):
    truth = encode("SAMPLER")
    # Right; A and S swapped, which moves one prefix of seven; of another mass from the third on.
    peptides = [truth, encode("ASMPLER"), encode("SAGPLER")]
    costs = torch.tensor([0.0, 1 / 7, 5 / 7], dtype=torch.float64)
    sequencer = Table(vocabulary, peptides, scores)
    batch = make_batch([truth])
    value = risk_of(vocabulary, sequencer, peptides)(torch.zeros(0), batch)
    expected = torch.softmax(torch.tensor(scores, dtype=torch.float64), 0) @ costs
    assert value.item() == pytest.approx(expected.item(), abs=1e-9)
    value.sum().backward()
    gradient = sequencer.scores.grad
    assert gradient[0] < 0 < gradient[2]  # towards the cheapest, away from the dearest


def test_the_cost_by_mass_is_the_normalised_log_penalty(vocabulary, encode, make_batch):
    peptides = [encode("SAGPLER")]
    batch = make_batch([encode("SAMPLER")])
    loss = risk_of(vocabulary, Table(vocabulary, peptides, [0.0]), peptides, cost="mass")
    mass = vocabulary.peptide_mass(peptides[0])
    measured = batch.spectra.precursor_mass.item()
    ppm = abs(mass - measured) / measured * 1e6
    assert loss(torch.zeros(0), batch).item() == pytest.approx(math.log1p(ppm / 100))


def test_spectra_beyond_the_searched_ones_count_with_their_mean(vocabulary, encode, make_batch):
    truths = [encode("SAMPLER"), encode("ASMPLER"), encode("SAMPLEK")]
    peptides = [encode("ASMPLER")]
    loss = risk_of(vocabulary, Table(vocabulary, peptides, [0.0]), peptides, n_spectra=2)
    value = loss(torch.zeros(0), make_batch(truths))
    assert value.tolist() == pytest.approx([1 / 7, 0.0, 1 / 14])


def test_without_a_weight_nothing_is_searched(vocabulary, encode, make_batch, certain):
    def propose(network, spectra):
        raise AssertionError("searched")

    terms = {"token": TokenLoss, "risk": partial(CandidateRisk, propose=propose)}
    loss = CompositeLoss(vocabulary, terms)
    loss.set_weights({"token": 1.0, "risk": 0.0})
    batch = make_batch([encode("SAMPLER")])
    assert set(loss(certain(batch.tokens), batch).terms) == {"token"}


def test_training_on_the_risk_lowers_it(vocabulary, encode, make_batch):
    torch.manual_seed(0)
    batch = make_batch([encode("SAMPLER"), encode("PEPTIDEK")])
    sequencer = TransformerSequencer(vocabulary, d_model=32, n_heads=2, n_layers=1)
    decoder = BeamDecoder(4, max_length=10, n_candidates=4)
    loss = CandidateRisk(vocabulary, decoder, cost="mass")  # the other is 1 while all are wrong
    loss.attach(sequencer)
    optimizer = torch.optim.Adam(sequencer.parameters(), lr=1e-2)
    values = []
    for _ in range(30):
        value = loss(torch.zeros(0), batch).mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert sequencer.training
    assert sum(values[-5:]) < 0.9 * sum(values[:5])


def test_the_network_is_no_part_of_the_loss(vocabulary):
    loss = CandidateRisk(vocabulary, GreedyDecoder())
    loss.attach(TransformerSequencer(vocabulary, d_model=32, n_heads=2, n_layers=1))
    assert list(loss.parameters()) == []


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"cost": "prefix"}, "candidate risk: unknown cost 'prefix'; did you mean prefixes"),
        ({"n_spectra": 0}, "n_spectra must be at least 1, got 0"),
        ({"loss_scale": 0}, "loss_scale must be positive, got 0"),
    ],
)
def test_a_wrong_setting_is_refused(vocabulary, setting, message):
    with pytest.raises(InputError, match=message):
        CandidateRisk(vocabulary, GreedyDecoder(), **setting)
