"""From the hypotheses of one or two searches to the answers of each spectrum."""

from dataclasses import dataclass

import torch

from denovo.chemistry import Vocabulary
from denovo.decoding.hypotheses import Hypotheses
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class Candidate:
    """One peptide read from a spectrum.

    Parameters
    ----------
    peptide : list of int
        Tokens from the N-terminus, without EOS.
    token_log_probability : list of float
        Log-probability of each of those tokens.
    log_probability : float
        Log-probability of the whole peptide, its end included.
    probability : float or None
        Calibrated probability that it is right, where rescoring has given one.
    """

    peptide: list[int]
    token_log_probability: list[float]
    log_probability: float
    probability: float | None = None


@dataclass(frozen=True)
class Decoded:
    """Peptides read from a batch of spectra.

    Parameters
    ----------
    candidates : list of list of Candidate
        The best peptides of each spectrum, best first, all of them of one kind: if any meets the
        mass constraint, only such; else whole peptides; else one that was cut off.
    log_probability : Tensor [batch]
        Log-probability of the best peptide, its end included.
    expected_mass : Tensor [batch], float64
        Neutral mass in Da that the distributions along the way of the best peptide expect: where a
        residue was chosen, the mean residue mass under the probabilities renormalised over
        residues; plus water.
    special_probability : Tensor [batch]
        Mean probability of PAD, SOS, EOS and UNK where a residue was chosen.
    is_complete : Tensor [batch], bool
        False where the length limit was reached before the peptide ended.
    is_feasible : Tensor [batch], bool, or None
        Whether the mass of the answers agrees with the precursor; where nothing was found that
        does, the answers are those of the search without a constraint. None without a constraint.
    unconstrained : list of Candidate or None
        The best peptide of each spectrum if masses were not looked at; None without a constraint.
    constraint_cost : Tensor [batch] or None
        Log-probability of the best peptide minus that of the best one without the constraint: 0
        where that fits anyway; -inf where nothing is feasible; None without a constraint.
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
        """Log-probability of each of those tokens."""
        return [candidates[0].token_log_probability for candidates in self.candidates]


FITS, COMPLETE, CUT_OFF, NONE = range(4)
"""Kinds of hypotheses, the better ones first: whole peptides that meet the mass constraint, whole
peptides, beginnings that reached the length limit, and what is no answer at all."""


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
        """Sort the options."""
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
        """Its kind."""
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
    """Say what each hypothesis is; ``is_met`` marks the masses that meet the constraint."""
    complete = torch.where(hypotheses.is_complete, COMPLETE, CUT_OFF)
    kind = torch.where(hypotheses.is_possible, complete, NONE)
    return kind if is_met is None else torch.where(is_met & (kind == COMPLETE), FITS, kind)


def is_duplicate(
    hypotheses: Hypotheses, others: Hypotheses, beam_width: int
) -> Bool[Tensor, "batch beam beam"]:
    """Compare all hypotheses of each spectrum with all others of it."""
    tokens = hypotheses.join(others).tokens
    first, second = tokens.view(2, -1, beam_width, tokens.shape[1])
    return (first[:, :, None] == second[:, None]).all(dim=-1)


def _candidates(hypotheses: Hypotheses, vocabulary: Vocabulary, step: int) -> list[Candidate]:
    tokens = hypotheses.tokens.cpu().numpy()
    values = hypotheses.token_log_probability.cpu().numpy()
    keeps = vocabulary.is_residue.numpy()[tokens]
    scores = hypotheses.score.tolist()
    return [
        Candidate(row[keep].tolist()[::step], value[keep].tolist()[::step], score)
        for row, value, keep, score in zip(tokens, values, keeps, scores, strict=True)
    ]
