"""Results of a decoder, and the choice of candidates among the hypotheses of its searches."""

from dataclasses import dataclass

import torch

from denovo.chemistry import Vocabulary
from denovo.decoding.hypotheses import Hypotheses
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class Candidate:
    """One peptide that a spectrum may come from, with its scores.

    Parameters
    ----------
    peptide : list of int
        Tokens from the N-terminus, without EOS.
    token_log_probability : list of float
        Log-probability of each of those tokens.
    log_probability : float
        Log-probability of the whole peptide, including its end.
    probability : float or None
        Calibrated probability that it is right; set by rescoring only.
    """

    peptide: list[int]
    token_log_probability: list[float]
    log_probability: float
    probability: float | None = None


@dataclass(frozen=True)
class Decoded:
    """Result of a decoder for a batch of spectra.

    Parameters
    ----------
    candidates : list of list of Candidate
        The best peptides of each spectrum, best first, all of one kind: those that meet the mass
        constraint if there are any, else whole peptides, else one that was cut off.
    log_probability : Tensor [batch]
        Log-probability of the best peptide, including its end.
    expected_mass : Tensor [batch], float64
        Expected neutral mass of the best peptide in Da: at each position with a residue, the mean
        residue mass under the probabilities renormalised over residues; plus water.
    special_probability : Tensor [batch]
        Mean probability of PAD, SOS, EOS and UNK at the positions with a residue.
    is_complete : Tensor [batch], bool
        False if the length limit was reached before the peptide ended.
    is_feasible : Tensor [batch], bool, or None
        Whether the candidates meet the mass constraint; if not, they are those of the search
        without it. None without a constraint.
    unconstrained : list of Candidate or None
        Best peptide of each spectrum without the constraint; None if there is none.
    constraint_cost : Tensor [batch] or None
        Log-probability of the best peptide minus that of the best one without the constraint: 0
        if both are the same, -inf where nothing is feasible. None without a constraint.
    """

    candidates: list[list[Candidate]]
    log_probability: Float[Tensor, " batch"]
    expected_mass: Float64[Tensor, " batch"]
    special_probability: Float[Tensor, " batch"]
    is_complete: Bool[Tensor, " batch"]
    is_feasible: Bool[Tensor, " batch"] | None = None
    unconstrained: list[Candidate] | None = None
    constraint_cost: Float[Tensor, " batch"] | None = None

    @property
    def peptides(self) -> list[list[int]]:
        """Tokens of the best peptide of each spectrum from the N-terminus, without EOS."""
        return [candidates[0].peptide for candidates in self.candidates]

    @property
    def token_log_probability(self) -> list[list[float]]:
        """Log-probabilities of the tokens in `peptides`."""
        return [candidates[0].token_log_probability for candidates in self.candidates]


FITS, COMPLETE, CUT_OFF, NONE = range(4)
"""Kinds of hypotheses, best first: whole peptides that meet the mass constraint, other whole
peptides, prefixes that reached the length limit, and impossible ones."""


@dataclass(frozen=True)
class Choice:
    """Hypotheses of each spectrum, sorted by kind and then by score."""

    hypotheses: Hypotheses
    rows: Int[Tensor, "batch option"]
    kind: Int[Tensor, "batch option"]

    @classmethod
    def between(
        cls,
        hypotheses: Hypotheses,
        rows: Int[Tensor, "batch option"],
        kind: Int[Tensor, "batch option"],
    ) -> "Choice":
        """Sort the options of each spectrum by kind, then by score."""
        by_score = hypotheses.score[rows].argsort(dim=1, descending=True, stable=True)
        by_kind = kind.gather(1, by_score).argsort(dim=1, stable=True)
        order = by_score.gather(1, by_kind)
        return cls(hypotheses, rows.gather(1, order), kind.gather(1, order))

    @property
    def best(self) -> Hypotheses:
        """The best hypothesis of each spectrum."""
        return self.hypotheses.select(self.rows[:, 0])

    @property
    def best_kind(self) -> Int[Tensor, " batch"]:
        """Kind of the best hypothesis of each spectrum."""
        return self.kind[:, 0]

    def candidates(
        self, n_candidates: int, vocabulary: Vocabulary, direction: str
    ) -> list[list[Candidate]]:
        """Return at most ``n_candidates`` of each spectrum, all of the kind of the best."""
        is_chosen = (self.kind == self.kind[:, :1]) & (self.kind != NONE)
        is_chosen[:, 0] = True
        is_chosen = is_chosen[:, :n_candidates]
        chosen = self.hypotheses.select(self.rows[:, :n_candidates][is_chosen])
        found = iter(_candidates(chosen, vocabulary, 1 if direction == "forward" else -1))
        return [[next(found) for _ in range(n)] for n in is_chosen.sum(dim=1).tolist()]


def classify(
    hypotheses: Hypotheses, is_met: Bool[Tensor, " row"] | None = None
) -> Int[Tensor, " row"]:
    """Return the kind of each hypothesis; ``is_met`` marks masses that meet the constraint."""
    complete = torch.where(hypotheses.is_complete, COMPLETE, CUT_OFF)
    kind = torch.where(hypotheses.is_possible, complete, NONE)
    return kind if is_met is None else torch.where(is_met & (kind == COMPLETE), FITS, kind)


def is_duplicate(
    hypotheses: Hypotheses, others: Hypotheses, beam_width: int
) -> Bool[Tensor, "batch beam beam"]:
    """Mark the pairs of hypotheses and others of a spectrum that have the same tokens."""
    tokens = hypotheses.join(others).tokens
    first, second = tokens.view(2, -1, beam_width, tokens.shape[1])
    return (first[:, :, None] == second[:, None]).all(dim=-1)


def _candidates(hypotheses: Hypotheses, vocabulary: Vocabulary, step: int) -> list[Candidate]:
    # Only the end and padding are no residues: what is kept is the start of each row.
    n_kept = vocabulary.is_residue[hypotheses.tokens.cpu()].sum(dim=1).tolist()
    rows = hypotheses.tokens.tolist(), hypotheses.token_log_probability.tolist()
    return [
        Candidate(tokens[:n][::step], values[:n][::step], score)
        for tokens, values, n, score in zip(*rows, n_kept, hypotheses.score.tolist(), strict=True)
    ]
