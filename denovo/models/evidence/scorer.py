"""A small network that scores every candidate residue by its evidence."""

import torch
from torch import nn

from denovo.chemistry import EOS, Vocabulary
from denovo.spectra.sequencer_protocol import IMPOSSIBLE
from denovo.typing import Float, Int, Tensor

_BLOCK = 64
"""Rows whose candidates are scored together on a CPU: some 300 kB at each step."""


class CandidateScorer(nn.Module):
    """Compute the logit of each candidate from its evidence and the state of the position.

    All candidates share the same weights, so that rare residues are scored as well as common ones.
    The candidates are those of the vocabulary and, last, EOS.
    """

    def __init__(
        self, vocabulary: Vocabulary, n_features: int, d_state: int, d_scorer: int
    ) -> None:
        super().__init__()
        self.n_tokens = len(vocabulary)
        self.evidence = nn.Linear(n_features, d_scorer)
        self.state = nn.Linear(d_state, d_scorer)
        self.hidden = nn.Linear(d_scorer, d_scorer)
        self.output = nn.Linear(d_scorer, 1)
        tokens = torch.cat([vocabulary.candidates, torch.tensor([EOS])])
        position = torch.full((len(vocabulary),), len(tokens) - 1)
        position[tokens] = torch.arange(len(tokens))
        # Residues of the same mass share the features of the canonical one.
        self.candidate_token = nn.Buffer(tokens, persistent=False)
        self.candidate_of_token = nn.Buffer(position[vocabulary.canonical], persistent=False)

    def features_of(
        self,
        evidence: Float[Tensor, "batch length candidate feature"],
        token: Int[Tensor, "batch length"],
    ) -> Float[Tensor, "batch length feature"]:
        """Select the features of one token at each position."""
        candidate = self.candidate_of_token[token][..., None, None]
        return evidence.gather(2, candidate.expand(-1, -1, 1, evidence.shape[-1])).squeeze(2)

    def forward(
        self,
        of_evidence: Float[Tensor, "*position candidate column"],
        embedding: Float[Tensor, "candidate d_scorer"],
        state: Float[Tensor, "*position d_state"],
    ) -> Float[Tensor, "*position vocab"]:
        """Return float32 logits of all tokens; `IMPOSSIBLE` for tokens that are no candidates.

        ``of_evidence`` is what `evidence` makes of the features of each candidate; columns beyond
        its width are not read.
        """
        if of_evidence.shape[-1] > embedding.shape[1]:  # a slice costs time in training
            of_evidence = of_evidence[..., : embedding.shape[1]]
        mixed = of_evidence + embedding + self.state(state)[..., None, :]
        # In-place only on new tensors: gradients through a changed view are copied, which took a
        # sixth of a training step. `nn.Linear` returns a view for inputs of three or more axes.
        mixed = torch.relu_(mixed)
        mixed = torch.relu_(self.hidden(mixed.flatten(0, -2))).view_as(mixed)
        # Half precision cannot represent IMPOSSIBLE.
        return self.spread(self.output(mixed).squeeze(-1).float())

    def of_rows(
        self,
        of_evidence: Float[Tensor, "prefix candidate column"],
        embedding: Float[Tensor, "candidate d_scorer"],
        prefix: Int[Tensor, " row"],
        state: Float[Tensor, "row d_state"],
    ) -> Float[Tensor, "row vocab"]:
        """Return the logits of hypotheses, of which several share a prefix.

        On a CPU they are computed for `_BLOCK` rows at a time: the inputs of all candidates of a
        batch are the largest tensors of the network, and would leave the cache between two
        operations.
        """
        is_plain = of_evidence.device.type == "cpu" and of_evidence.dtype == torch.float32
        if torch.is_grad_enabled() or not is_plain:
            return self(of_evidence.index_select(0, prefix), embedding, state)
        from denovo.models.evidence.scorer_kernels import mix, write_scores

        of_state, place = self.state(state).numpy(), prefix.numpy()
        of_prefix, of_candidate = of_evidence.numpy(), embedding.numpy()
        weights, bias = self.hidden.weight.t(), self.hidden.bias
        last, constant = self.output.weight[0].numpy(), self.output.bias.numpy()
        tokens, n_rows = self.candidate_token.numpy(), len(prefix)
        logits = torch.full((n_rows, self.n_tokens), IMPOSSIBLE)
        scores = logits.numpy()
        mixed = torch.empty(min(_BLOCK, n_rows) * len(embedding), embedding.shape[1])
        hidden = torch.empty_like(mixed)
        for start in range(0, n_rows, _BLOCK):
            rows = slice(start, start + _BLOCK)
            n = mix(of_prefix, of_candidate, of_state[rows], place[rows], mixed.numpy())
            torch.addmm(bias, mixed[:n], weights, out=hidden[:n])
            write_scores(hidden.numpy(), last, constant, tokens, scores[rows])
        return logits

    def spread(
        self, scores: Float[Tensor, "*position candidate"]
    ) -> Float[Tensor, "*position vocab"]:
        """Write the scores of the candidates to their tokens, and `IMPOSSIBLE` to all others."""
        logits = scores.new_full((*scores.shape[:-1], self.n_tokens), IMPOSSIBLE)
        return logits.index_copy(-1, self.candidate_token, scores)
