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

    def prepare(
        self,
        evidence: Float[Tensor, "*position candidate feature"],
        embedding: Float[Tensor, "candidate d_scorer"],
    ) -> Float[Tensor, "*position candidate d_scorer"]:
        """Compute the part of the input that does not depend on the state."""
        return self.evidence(evidence) + embedding

    def forward(
        self,
        prepared: Float[Tensor, "*position candidate d_scorer"],
        state: Float[Tensor, "*position d_state"],
    ) -> Float[Tensor, "*position vocab"]:
        """Return float32 logits of all tokens; `IMPOSSIBLE` for tokens that are no candidates."""
        return self.spread(self._scores(prepared + self.state(state)[..., None, :]))

    def of_rows(
        self,
        prepared: Float[Tensor, "prefix candidate d_scorer"],
        prefix: Int[Tensor, " row"],
        state: Float[Tensor, "row d_state"],
    ) -> Float[Tensor, "row vocab"]:
        """Return the logits of hypotheses, of which several share a prefix.

        On a CPU they are computed for `_BLOCK` rows at a time: the inputs of all candidates of a
        batch are the largest tensors of the network, and would leave the cache at every step.
        """
        n = _BLOCK if prepared.device.type == "cpu" else max(len(prefix), 1)
        blocks = zip(prefix.split(n), self.state(state).split(n), strict=True)
        # The rows that are selected are a new tensor, and may be added to in place.
        mixed = (prepared.index_select(0, p).add_(of_state[:, None]) for p, of_state in blocks)
        return self.spread(torch.cat([self._scores(each) for each in mixed]))

    def _scores(
        self, mixed: Float[Tensor, "*position candidate d_scorer"]
    ) -> Float[Tensor, "*position candidate"]:
        """Compute the scores from inputs that are changed in place."""
        # In-place only on new tensors: gradients through a changed view are copied, which took a
        # sixth of a training step. `nn.Linear` returns a view for inputs of three or more axes.
        mixed = torch.relu_(mixed)
        mixed = torch.relu_(self.hidden(mixed.flatten(0, -2))).view_as(mixed)
        # Half precision cannot represent IMPOSSIBLE.
        return self.output(mixed).squeeze(-1).float()

    def spread(
        self, scores: Float[Tensor, "*position candidate"]
    ) -> Float[Tensor, "*position vocab"]:
        """Write the scores of the candidates to their tokens, and `IMPOSSIBLE` to all others."""
        logits = scores.new_full((*scores.shape[:-1], self.n_tokens), IMPOSSIBLE)
        return logits.index_copy(-1, self.candidate_token, scores)
