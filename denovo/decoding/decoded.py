"""What a decoder returns."""

from dataclasses import dataclass

from denovo.typing import Float, Float64, Tensor


@dataclass(frozen=True)
class Decoded:
    """Peptides read from a batch of spectra.

    Parameters
    ----------
    peptides : list of list of int
        Tokens from the N-terminus, without EOS, one list per spectrum.
    token_log_probability : list of list of float
        Log-probability of each of those tokens.
    log_probability : Tensor [batch]
        Log-probability of the whole peptide, its end included.
    expected_mass : Tensor [batch], float64
        Neutral mass in Da that the distributions along the way expect: where a residue was chosen,
        the mean residue mass under the probabilities renormalised over residues; plus water.
    special_probability : Tensor [batch]
        Mean probability of PAD, SOS, EOS and UNK where a residue was chosen.
    is_complete : Tensor [batch], bool
        False where the length limit was reached before the peptide ended.
    """

    peptides: list[list[int]]
    token_log_probability: list[list[float]]
    log_probability: Float[Tensor, " batch"]
    expected_mass: Float64[Tensor, " batch"]
    special_probability: Float[Tensor, " batch"]
    is_complete: Tensor
