"""Candidates laid out against the peaks of their spectra, and their terminal ions of every kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import torch

from denovo.chemistry import WATER_MASS, IonType, Vocabulary
from denovo.spectra.batch import Spectra
from denovo.spectra.explain import FRAGMENT_TOLERANCE
from denovo.spectra.fragment_matches import padded
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Int, Tensor, ndarray

TERMINAL = tuple(
    IonType.parse(f"{ion}{change}")
    for ions, changes in (
        (("b", "y", "b2", "y2"), ("", "+i", "-H2O", "-NH3")),
        (("a",), ("",)),
    )
    for ion, change in product(ions, changes)
)
"""Ions that hold a terminus, as instruments show them."""


@dataclass(frozen=True)
class CandidateIons:
    """Candidates of a batch and the peaks that they may explain.

    Parameters
    ----------
    index : PeakIndex
        Peaks of the batch.
    row : array [candidate], int64
        Spectrum of each candidate.
    tokens : Tensor [candidate, length], int64
        The candidates from the N-terminus.
    is_residue : Tensor [candidate, length], bool
        Where residues stand: not padding, nor modifications of the N-terminus.
    vocabulary : Vocabulary
        What the tokens mean.
    """

    index: PeakIndex
    row: Int[ndarray, " candidate"]
    tokens: Int[Tensor, "candidate length"]
    is_residue: Bool[Tensor, "candidate length"]
    vocabulary: Vocabulary

    @classmethod
    def of(
        cls,
        spectra: Spectra,
        row: Int[ndarray, " candidate"],
        peptides: Sequence[Sequence[int]],
        vocabulary: Vocabulary,
    ) -> "CandidateIons":
        """Lay candidates out.

        Parameters
        ----------
        spectra : Spectra
            The batch.
        row : array [candidate], int64
            Spectrum of each candidate.
        peptides : sequence of sequence of int
            Tokens from the N-terminus, without EOS.
        vocabulary : Vocabulary
            Tokens of the peptides.
        """
        tokens, is_token = map(torch.from_numpy, padded(peptides))
        is_residue = is_token & ~vocabulary.is_n_terminal[tokens]
        return cls(PeakIndex.of(spectra), row, tokens, is_residue, vocabulary)

    def __len__(self) -> int:
        return len(self.row)

    def number(
        self, candidate: Int[ndarray, " hit"], entry: Int[ndarray, " hit"]
    ) -> Int[ndarray, " hit"]:
        """Give pairs of a candidate and an entry of the index numbers of their own."""
        return candidate * max(len(self.index.key), 1) + entry

    @cached_property
    def terminal(self) -> Int[ndarray, " hit"]:
        """Pairs of a candidate and a peak that is one of its terminal ions, ascending."""
        if not len(self.index.key):
            return np.zeros(0, dtype=np.int64)
        masses = self.vocabulary.masses[self.tokens].cumsum(dim=1)
        site = (self.is_residue[:, :-1] & self.is_residue[:, 1:]).nonzero(as_tuple=True)
        candidate = site[0].numpy()
        found = []
        for ion in TERMINAL:
            mz = ion.mz(masses[site], masses[site[0], -1] + WATER_MASS).numpy()
            entry, is_hit = self.index.nearest(self.row[candidate], mz, FRAGMENT_TOLERANCE)
            found.append(self.number(candidate, entry)[is_hit])
        return np.unique(np.concatenate(found))
