"""Batches of spectra, and of spectra with their peptides."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from denovo.chemistry import EOS, FIRST_RESIDUE, PAD, mz_to_mass
from denovo.spectra.measured import MeasuredSpectrum
from denovo.spectra.peak_selection import arrange_peaks, most_intense, relative_intensity
from denovo.typing import Bool, Float32, Float64, Int, Tensor, ndarray

Record = TypeVar("Record", bound="_Movable")


class _Movable:
    """Dataclass of tensors that can be moved between devices."""

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
    """Measured spectra of a batch: the whole input of inference.

    Parameters
    ----------
    mz : Tensor [batch, peak], float32
        m/z in Th, ascending in each row; 0 in padding.
    intensity : Tensor [batch, peak], float32
        Linear intensity relative to the base peak, in [0, 1]; 0 in padding.
    peak_mask : Tensor [batch, peak], bool
        True for real peaks, False in padding.
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
        """Select rows by number, in any order and with repetition."""
        return Spectra(*(getattr(self, f.name)[index] for f in fields(self)))


@dataclass(frozen=True)
class LabelledSpectra(_Movable):
    """Spectra with their peptides, for training and testing.

    Parameters
    ----------
    spectra : Spectra
        The spectra.
    tokens : Tensor [batch, length], int64
        Canonical residues from the N-terminus, then EOS, then PAD.
    number : int
        Number of this batch in the run, from 0; part of the seed of the noise.
    """

    spectra: Spectra
    tokens: Int[Tensor, "batch length"]
    number: int = 0

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def residue_mask(self) -> Bool[Tensor, "batch length"]:
        """True at residues and N-terminal modifications."""
        return self.tokens >= FIRST_RESIDUE

    @property
    def target_mask(self) -> Bool[Tensor, "batch length"]:
        """True at tokens to predict: residues and EOS."""
        return self.residue_mask | (self.tokens == EOS)

    @property
    def n_residues(self) -> Int[Tensor, " batch"]:
        """Residues per peptide, without EOS."""
        return self.residue_mask.sum(dim=1)


def pad_tokens(peptides: Sequence[Sequence[int]]) -> Int[Tensor, "batch length"]:
    """Stack tokenised peptides into one tensor, EOS appended, padded with PAD.

    Parameters
    ----------
    peptides : sequence of sequence of int
        Tokens of each peptide, without EOS.

    Returns
    -------
    Tensor [batch, length], int64
        ``length`` is the longest peptide plus one.
    """
    length = max(map(len, peptides), default=0) + 1
    rows = [[*peptide, EOS, *[PAD] * (length - 1 - len(peptide))] for peptide in peptides]
    return torch.from_numpy(np.array(rows, dtype=np.int64).reshape(len(rows), length))


def keep_most_intense(spectra: Spectra, n_peaks: int) -> Spectra:
    """Apply `arrange_peaks` to a batch; the precursor stays unchanged."""
    peaks = arrange_peaks(spectra.mz, spectra.intensity, spectra.peak_mask, n_peaks)
    return Spectra(*peaks, spectra.precursor_mass, spectra.precursor_charge)


def batch_of(
    spectra: Sequence[MeasuredSpectrum],
    charges: Sequence[int],
    n_peaks: int,
    intensity_power: float | int = 1.0,
) -> Spectra:
    """Stack spectra of files into a batch, prepared as in training.

    Parameters
    ----------
    spectra : sequence of MeasuredSpectrum
        The spectra, with peaks.
    charges : sequence of int
        Precursor charge to assume for each.
    n_peaks : int
        Number of the most intense peaks of a spectrum that are kept.
    intensity_power : float
        Exponent on the intensities of the file; 2 inverts a stored square root.

    Returns
    -------
    Spectra
        One row for each spectrum.
    """
    rows = [most_intense(s.mz, s.intensity, n_peaks) for s in spectra]
    mz = [mz.astype(np.float32) for mz, _ in rows]
    relative = [relative_intensity(intensity, intensity_power) for _, intensity in rows]
    charge = np.asarray(charges, dtype=np.int64)
    mass = mz_to_mass(np.array([s.precursor_mz for s in spectra], dtype=np.float64), charge)
    return Spectra(*pad_peaks(mz, relative), torch.from_numpy(mass), torch.from_numpy(charge))


def pad_peaks(
    mz: Sequence[Float32[ndarray, " _"]], intensity: Sequence[Float32[ndarray, " _"]]
) -> tuple[
    Float32[Tensor, "batch peak"], Float32[Tensor, "batch peak"], Bool[Tensor, "batch peak"]
]:
    """Stack the peaks of spectra, padded with 0 to the longest, and mark the real ones."""
    n_peaks: Int[Tensor, " batch"] = torch.tensor([len(peaks) for peaks in mz])
    padded_mz, padded_intensity = (
        pad_sequence([torch.from_numpy(peaks) for peaks in rows], batch_first=True)
        for rows in (mz, intensity)
    )
    peak_mask = torch.arange(padded_mz.shape[1]) < n_peaks[:, None]
    return padded_mz, padded_intensity, peak_mask
