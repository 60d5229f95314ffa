"""What every source of training and test spectra offers, whether predicted or measured."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from denovo.chemistry import Vocabulary
from denovo.spectra import LabelledSpectra
from denovo.typing import Bool, Float, Float32, Int, Tensor, ndarray


class SpectrumSource(Protocol):
    """Labelled spectra that can be read in any order: read-only, and safe to share with workers."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The table that the tokens of this source are numbered by."""
        ...

    @property
    def lengths(self) -> Int[ndarray, " spectra"]:
        """Residues of each peptide, without a modification of its N-terminus."""
        ...

    def __len__(self) -> int:
        """Return how many spectra there are."""
        ...

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Read spectra as one batch.

        Parameters
        ----------
        indices : array [batch], int64
            Which spectra, from 0, in any order and with repetition.

        Returns
        -------
        LabelledSpectra
            Peaks in ascending m/z, padded to the longest spectrum of the batch; intensity relative
            to the base peak; canonical tokens.
        """
        ...

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return what to call each spectrum in a report, such as its title."""
        ...


def most_intense(
    mz: Float[ndarray, " peak"], intensity: Float[ndarray, " peak"], n_peaks: int
) -> tuple[Float[ndarray, " kept"], Float[ndarray, " kept"]]:
    """Keep the most intense peaks, in their original order.

    Parameters
    ----------
    mz : array [peak]
        m/z in Th.
    intensity : array [peak]
        Intensity on any scale.
    n_peaks : int
        How many to keep at most.

    Returns
    -------
    mz, intensity : array [kept]
        ``kept`` is the smaller of ``n_peaks`` and the number of peaks.

    Examples
    --------
    >>> mz, intensity = most_intense(np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.1, 1.0]), 2)
    >>> mz.tolist()
    [1.0, 3.0]
    """
    if len(mz) <= n_peaks:
        return mz, intensity
    # A stable sort breaks ties by m/z, so that the choice is the same on every machine.
    kept = np.sort(np.argsort(-intensity, kind="stable")[:n_peaks])
    return mz[kept], intensity[kept]


def pad_peaks(
    mz: Sequence[Float32[ndarray, " _"]], intensity: Sequence[Float32[ndarray, " _"]]
) -> tuple[
    Float32[Tensor, "batch peak"], Float32[Tensor, "batch peak"], Bool[Tensor, "batch peak"]
]:
    """Stack spectra of different size into one batch.

    Parameters
    ----------
    mz, intensity : sequence of array [n_peaks], float32
        Peaks of each spectrum.

    Returns
    -------
    mz, intensity : Tensor [batch, peak], float32
        ``peak`` is the largest ``n_peaks``; padding holds 0.
    peak_mask : Tensor [batch, peak], bool
        True where a peak is real.
    """
    n_peaks = torch.tensor([len(peaks) for peaks in mz])
    padded_mz, padded_intensity = (
        pad_sequence([torch.tensor(peaks) for peaks in rows], batch_first=True)
        for rows in (mz, intensity)
    )
    peak_mask = torch.arange(padded_mz.shape[1]) < n_peaks[:, None]
    return padded_mz, padded_intensity, peak_mask
