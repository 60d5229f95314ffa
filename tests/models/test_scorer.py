"""Hypotheses on a CPU: kernels beside the products, against the same by operations on tensors."""

import pytest
import torch

from denovo.models import EvidenceSequencer
from denovo.models.evidence.scorer import CandidateScorer


@pytest.fixture
def scorer(common) -> CandidateScorer:
    torch.manual_seed(0)
    return CandidateScorer(common, n_features=7, d_state=24, d_scorer=16)


def inputs(scorer: CandidateScorer, n_prefixes: int, n_rows: int):
    """Draw inputs of hypotheses; those of the evidence have columns of another reader."""
    n_candidates = len(scorer.candidate_token)
    of_evidence = torch.randn(n_prefixes, n_candidates, 16 + 3)
    embedding, state = torch.randn(n_candidates, 16), torch.randn(n_rows, 24)
    return of_evidence, embedding, torch.randint(n_prefixes, (n_rows,)), state


@pytest.mark.parametrize("n_rows", [0, 1, 63, 64, 65, 200])
def test_scores_of_rows_are_those_of_tensors(scorer, n_rows):
    of_evidence, embedding, prefix, state = inputs(scorer, 40, n_rows)
    with torch.no_grad():
        found = scorer.of_rows(of_evidence, embedding, prefix, state)
        expected = scorer(of_evidence[prefix], embedding, state)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_rows_have_a_gradient_where_one_is_asked_for(scorer):
    of_evidence, embedding, prefix, state = inputs(scorer, 5, 9)
    scores = scorer.of_rows(of_evidence.requires_grad_(), embedding, prefix, state)
    scores[:, scorer.candidate_token].sum().backward()
    assert of_evidence.grad is not None
    assert of_evidence.grad.abs().sum() > 0


def test_what_is_no_number_is_no_score(scorer):
    of_evidence, embedding, _, state = inputs(scorer, 2, 2)
    of_evidence[0, 3, 5] = torch.nan
    with torch.no_grad():
        scores = scorer.of_rows(of_evidence, embedding, torch.tensor([0, 1]), state)
    candidates = scores[:, scorer.candidate_token]
    assert candidates.isnan().nonzero().tolist() == [[0, 3]]


def test_a_recurrent_step_is_that_of_torch(common):
    torch.manual_seed(0)
    sequencer = EvidenceSequencer(common, d_state=24, d_scorer=16, d_mass=8)
    inputs, hidden = torch.randn(33, 24), torch.randn(33, 24)
    with torch.no_grad():
        found = sequencer._gru_step(inputs, hidden)
        expected = torch.gru_cell(inputs, hidden, *sequencer.gru.all_weights[0])
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
