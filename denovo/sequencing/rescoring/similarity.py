"""Similarity of spectra to the spectra that MS2PIP predicts for candidates."""

from collections.abc import Sequence

import numpy as np

from denovo.chemistry import Vocabulary
from denovo.simulation import Simulator
from denovo.simulation.simulator import MAX_LENGTH, MIN_LENGTH, Intensities
from denovo.spectra.fragment_matches import IONS
from denovo.typing import Float64, Int, ndarray

_MAX_CACHED = 50_000
"""Predictions in the cache, which is emptied when it is full."""
_STEPS = [(ion.name, 1 if ion.is_n_terminal else -1) for ion in IONS]
"""Name of each ion, and the direction in which its ordinals count sites."""


class Similarity:
    """Compares spectra with predicted intensities, which are cached."""

    def __init__(self, simulator: Simulator, vocabulary: Vocabulary) -> None:
        self.simulator, self.vocabulary = simulator, vocabulary
        self._is_n_terminal = vocabulary.is_n_terminal.tolist()
        self._predicted: dict[tuple[tuple[int, ...], int], Float64[ndarray, "ion site"]] = {}

    def __call__(
        self,
        observed: Float64[ndarray, "peptide ion site"],
        peptides: Sequence[Sequence[int]],
        charge: Int[ndarray, " peptide"],
    ) -> Float64[ndarray, " peptide"]:
        """Compute the spectral angle similarity of each peptide and its spectrum.

        It is ``1 - 2 / pi * arccos(c)`` in [0, 1], where c is the cosine of the square roots of
        predicted and observed intensities over all fragments of the simulator; fragments without a
        peak count as 0. It is 0 for peptides outside the length range of the simulator.

        References
        ----------
        Toprak et al., Mol. Cell. Proteomics 13, 2056 (2014), doi:10.1074/mcp.O113.036475.
        """
        predicted = self._predictions(peptides, charge.tolist(), observed.shape[2])
        known = [number for number, ion in enumerate(IONS) if ion.name in self.simulator.ion_types]
        observed = observed[:, known]
        predicted = predicted[:, known]
        overlap = np.sqrt(observed * predicted).sum(axis=(1, 2))
        norm = np.sqrt(observed.sum(axis=(1, 2)) * predicted.sum(axis=(1, 2)))
        cosine = np.divide(overlap, norm, out=np.zeros_like(norm), where=norm > 0)
        return 1 - 2 / np.pi * np.arccos(cosine.clip(0, 1))

    def _predictions(
        self, peptides: Sequence[Sequence[int]], charges: Sequence[int], n_sites: int
    ) -> Float64[ndarray, "peptide ion site"]:
        keys = [(tuple(peptide), z) for peptide, z in zip(peptides, charges, strict=True)]
        if len(self._predicted) > _MAX_CACHED:
            self._predicted.clear()
        self._predict([key for key in dict.fromkeys(keys) if key not in self._predicted])
        padded = np.zeros((len(keys), len(IONS), n_sites))
        for row, key in zip(padded, keys, strict=True):
            values = self._predicted[key]
            # Sites are numbered by tokens; an N-terminal modification is not followed by a site.
            first = int(self._is_n_terminal[key[0][0]])
            row[:, first : first + values.shape[1]] = values
        return padded

    def _predict(self, keys: Sequence[tuple[tuple[int, ...], int]]) -> None:
        n_residues = [len(tokens) - int(self._is_n_terminal[tokens[0]]) for tokens, _ in keys]
        is_taken = [MIN_LENGTH <= n <= MAX_LENGTH for n in n_residues]
        taken = [key for key, ok in zip(keys, is_taken, strict=True) if ok]
        texts = [self.vocabulary.decode(tokens) for tokens, _ in taken]
        alphabet = self.vocabulary.alphabet
        by_ion = self.simulator.predict(texts, [charge for _, charge in taken], alphabet)
        for key, ok in zip(keys, is_taken, strict=True):
            if not ok:
                self._predicted[key] = np.zeros((len(IONS), 0))
        for number, key in enumerate(taken):
            self._predicted[key] = _by_site(by_ion, number)


def _by_site(by_ion: Intensities, number: int) -> Float64[ndarray, "ion site"]:
    """Reorder ordinals to sites, counted from the N-terminus; 0 for ions not predicted."""
    n_sites = len(next(iter(by_ion.values()))[number])
    by_site = np.zeros((len(IONS), n_sites))
    for row, (name, step) in zip(by_site, _STEPS, strict=True):
        if name in by_ion:
            row[:] = by_ion[name][number][::step]
    return by_site
