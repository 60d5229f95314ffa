"""What a decoder returns."""

from dataclasses import dataclass

from denovo.typing import Bool, Float, Float64, Tensor


@dataclass(frozen=True)
class Answer:
    """One peptide read from a spectrum.

    Parameters
    ----------
    peptide : list of int
        Tokens from the N-terminus, without EOS.
    token_log_probability : list of float
        Log-probability of each of those tokens.
    log_probability : float
        Log-probability of the whole peptide, its end included.
    """

    peptide: list[int]
    token_log_probability: list[float]
    log_probability: float


@dataclass(frozen=True)
class Decoded:
    """Peptides read from a batch of spectra.

    Parameters
    ----------
    answers : list of list of Answer
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
    unconstrained : list of Answer or None
        The best peptide of each spectrum if masses were not looked at; None without a constraint.
    constraint_cost : Tensor [batch] or None
        Log-probability of the best peptide minus that of the best one without the constraint: 0
        where that fits anyway; -inf where nothing is feasible; None without a constraint.
    """

    answers: list[list[Answer]]
    log_probability: Float[Tensor, " batch"]
    expected_mass: Float64[Tensor, " batch"]
    special_probability: Float[Tensor, " batch"]
    is_complete: Bool[Tensor, " batch"]
    is_feasible: Bool[Tensor, " batch"] | None = None
    unconstrained: list[Answer] | None = None
    constraint_cost: Float[Tensor, " batch"] | None = None

    @property
    def peptides(self) -> list[list[int]]:
        """Tokens of the best peptide of each spectrum from the N-terminus, without EOS."""
        return [answers[0].peptide for answers in self.answers]

    @property
    def token_log_probability(self) -> list[list[float]]:
        """Log-probability of each of those tokens."""
        return [answers[0].token_log_probability for answers in self.answers]
