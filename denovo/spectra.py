"""The two records that every room understands: spectra, and spectra with their peptides."""

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import torch

from denovo.chemistry import EOS, FIRST_RESIDUE
from denovo.typing import Bool, Float32, Float64, Int, Tensor

Record = TypeVar("Record", bound="_Movable")


class _Movable:
    """Dataclass of tensors that moves between devices as one."""

    def to(self: Record, *args: object, **kwargs: object) -> Record:
        """Move every tensor, with the arguments of `torch.Tensor.to`."""
        moved = {
            f.name: value.to(*args, **kwargs)
            for f in fields(self)  # pyright: ignore[reportArgumentType]
            if hasattr(value := getattr(self, f.name), "to")
        }
        return replace(self, **moved)  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True)
class Spectra(_Movable):
    """What an instrument measured of a batch of peptides: all that inference may see.

    Parameters
    ----------
    mz : Tensor [batch, peak], float32
        m/z in Th, ascending in each row; 0 in padding, which stands where ``peak_mask`` is False.
    intensity : Tensor [batch, peak], float32
        Linear intensity relative to the base peak, in [0, 1]; 0 in padding.
    peak_mask : Tensor [batch, peak], bool
        True where a peak is real.
    precursor_mass : Tensor [batch], float64
        Neutral monoisotopic mass in Da from the measured precursor m/z and charge.
    precursor_charge : Tensor [batch], int64
        Positive charge state.
    """

    mz: Float32[Tensor, "batch peak"]
    intensity: Float32[Tensor, "batch peak"]
    peak_mask: Bool[Tensor, "batch peak"]
    precursor_mass: Float64[Tensor, " batch"]
    precursor_charge: Int[Tensor, " batch"]

    def __len__(self) -> int:
        return len(self.precursor_mass)

    def select(self, index: Int[Tensor, " chosen"]) -> "Spectra":
        """Take rows by number, in order and with repetition."""
        return Spectra(*(getattr(self, f.name)[index] for f in fields(self)))


@dataclass(frozen=True)
class LabelledSpectra(_Movable):
    """Spectra with the peptides they came from, for training and testing.

    Parameters
    ----------
    spectra : Spectra
        The spectra.
    tokens : Tensor [batch, length], int64
        Canonical residues from the N-terminus, then EOS, then PAD.
    number : int
        Number of this batch in the run, from 0; noise is drawn from it.
    """

    spectra: Spectra
    tokens: Int[Tensor, "batch length"]
    number: int = 0

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def residue_mask(self) -> Bool[Tensor, "batch length"]:
        """True where a residue (or N-terminal modification) stands."""
        return self.tokens >= FIRST_RESIDUE

    @property
    def target_mask(self) -> Bool[Tensor, "batch length"]:
        """True where a token is to be predicted: residues and EOS."""
        return self.residue_mask | (self.tokens == EOS)

    @property
    def n_residues(self) -> Int[Tensor, " batch"]:
        """Residues per peptide, without EOS."""
        return self.residue_mask.sum(dim=1)


def pad_tokens(peptides: list[list[int]]) -> Int[Tensor, "batch length"]:
    """Stack tokenised peptides into one tensor, EOS appended, padded with PAD.

    Parameters
    ----------
    peptides : list of list of int
        Tokens of each peptide, without EOS.

    Returns
    -------
    Tensor [batch, length], int64
        ``length`` is the longest peptide plus one.
    """
    rows = [torch.tensor([*peptide, EOS]) for peptide in peptides]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
