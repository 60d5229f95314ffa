"""Hypotheses of a beam search: prefixes of peptides with their scores and masses."""

from dataclasses import dataclass, fields, replace
from functools import lru_cache

import torch

from denovo.chemistry import EOS, PAD, SOS, Vocabulary
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class Tokens:
    """Tables of a vocabulary on one device.

    ``moments`` [vocab, 2] holds whether each token is a residue, and its mass in Da if so.
    """

    masses: Float64[Tensor, " vocab"]
    is_residue: Bool[Tensor, " vocab"]
    is_n_terminal: Bool[Tensor, " vocab"]
    moments: Float64[Tensor, "vocab moment"]


@lru_cache(maxsize=8)
def tokens_on(vocabulary: Vocabulary, device: torch.device) -> Tokens:
    """Return the tables of a vocabulary on a device; they are copied once."""
    is_residue = vocabulary.is_residue.double()
    moments = torch.stack([is_residue, is_residue * vocabulary.masses], dim=1)
    return Tokens(
        vocabulary.masses.to(device),
        vocabulary.is_residue.to(device),
        vocabulary.is_n_terminal.to(device),
        moments.to(device),
    )


_IMPOSSIBLE = -1e6
"""Log-probability below which a hypothesis contains an impossible token."""


@dataclass(frozen=True)
class Hypotheses:
    """Prefixes of peptides of a batch, flattened to rows of ``batch * beam``.

    Tokens are in reading order, PAD after EOS; ``score`` is the sum of their log-probabilities,
    descending within each spectrum. ``read_mass`` and ``expected_mass`` are sums in Da of the
    residues chosen and of the mean residue masses, ``special`` is the sum of the probabilities of
    special tokens; the last two at positions with a residue.
    """

    tokens: Int[Tensor, "row length"]
    token_log_probability: Float[Tensor, "row length"]
    score: Float[Tensor, " row"]
    read_mass: Float64[Tensor, " row"]
    expected_mass: Float64[Tensor, " row"]
    special: Float[Tensor, " row"]

    @classmethod
    def start(cls, n_rows: int, beam_width: int, device: torch.device) -> "Hypotheses":
        """Return empty prefixes, of which only the first of each spectrum is possible."""
        score = torch.full((n_rows,), -torch.inf, device=device)
        score[::beam_width] = 0.0
        return cls(
            torch.empty(n_rows, 0, dtype=torch.int64, device=device),
            torch.empty(n_rows, 0, device=device),
            score,
            torch.zeros(n_rows, dtype=torch.float64, device=device),
            torch.zeros(n_rows, dtype=torch.float64, device=device),
            torch.zeros(n_rows, device=device),
        )

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def last(self) -> Int[Tensor, " row"]:
        """Last token, SOS at the start."""
        if self.tokens.shape[1] == 0:
            return torch.full((len(self.tokens),), SOS, device=self.tokens.device)
        return self.tokens[:, -1]

    @property
    def has_ended(self) -> Bool[Tensor, " row"]:
        """Whether each peptide has ended."""
        return (self.last == EOS) | (self.last == PAD)

    @property
    def is_possible(self) -> Bool[Tensor, " row"]:
        """False where a token was chosen that the sequencer or a limit excludes."""
        return self.score > _IMPOSSIBLE

    @property
    def is_complete(self) -> Bool[Tensor, " row"]:
        """Whether each row is a whole peptide."""
        return self.has_ended & self.is_possible

    def is_behind(self, margin: float, beam_width: int) -> Bool[Tensor, " row"]:
        """Mark scores more than ``margin`` below that of the first row of their spectrum."""
        best = self.score[::beam_width].repeat_interleave(beam_width)
        return self.score < best - margin

    def select(self, rows: Int[Tensor, " chosen"]) -> "Hypotheses":
        """Take rows by number, in order and with repetition."""
        return Hypotheses(
            *(getattr(self, field.name).index_select(0, rows) for field in fields(self))
        )

    def join(self, other: "Hypotheses") -> "Hypotheses":
        """Concatenate the rows of both, padded to one length."""
        length = max(self.tokens.shape[1], other.tokens.shape[1])
        both = self._padded(length), other._padded(length)
        return Hypotheses(
            *(torch.cat([getattr(each, field.name) for each in both]) for field in fields(self))
        )

    def _padded(self, length: int) -> "Hypotheses":
        missing = (0, length - self.tokens.shape[1])
        pad = torch.nn.functional.pad
        scores = pad(self.token_log_probability, missing)
        tokens = pad(self.tokens, missing, value=PAD)
        return replace(self, tokens=tokens, token_log_probability=scores)

    def extend(
        self,
        logits: Float[Tensor, "scored vocab"],
        source: Int[Tensor, " row"],
        forbidden: Bool[Tensor, "row vocab"],
        beam_width: int,
        tokens: Tokens,
    ) -> tuple["Hypotheses", Int[Tensor, " row"]]:
        """Add one token and keep the most probable hypotheses of each spectrum.

        ``source`` is the row of the logits of each hypothesis; any row does for one that has ended.
        Returns the hypotheses with the row that each one extends.
        """
        log_probability = logits.float().log_softmax(dim=-1)
        expected, special = _expectation(log_probability, tokens)
        has_ended = self.has_ended
        choices = log_probability.index_select(0, source)
        choices.masked_fill_(forbidden | has_ended[:, None], -torch.inf)
        # A finished peptide is padded at no cost.
        choices[:, PAD].masked_fill_(has_ended, 0.0)
        n_tokens = choices.shape[1]
        total = (self.score[:, None] + choices).view(-1, beam_width * n_tokens)
        score, flat = total.topk(beam_width, dim=1)
        parent_in_beam = flat // n_tokens
        offset = torch.arange(0, len(choices), beam_width, device=flat.device)[:, None]
        parent = (parent_in_beam + offset).flatten()
        token = (flat - parent_in_beam * n_tokens).flatten()
        is_residue, scored = tokens.is_residue[token], source[parent]
        before = self.select(parent)
        extended = Hypotheses(
            torch.cat([before.tokens, token[:, None]], dim=1),
            torch.cat([before.token_log_probability, choices[parent, token][:, None]], dim=1),
            score.flatten(),
            before.read_mass + tokens.masses[token],
            before.expected_mass + expected[scored] * is_residue,
            before.special + special[scored] * is_residue,
        )
        return extended, parent


def _expectation(
    log_probability: Float[Tensor, "row vocab"], tokens: Tokens
) -> tuple[Float64[Tensor, " row"], Float[Tensor, " row"]]:
    share, mass = (log_probability.double().exp_() @ tokens.moments).unbind(dim=1)
    return mass / share.clamp(min=1e-30), (1 - share).clamp(min=0).float()
