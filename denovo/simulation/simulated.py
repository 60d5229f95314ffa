"""Spectra of a store: predicted intensities and computed m/z."""

import re

import numpy as np
import pyarrow as pa
import torch

from denovo.chemistry import WATER_MASS, IonType, Vocabulary
from denovo.chemistry.identity import identity
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.spectra.peak_selection import arrange_peaks
from denovo.typing import Float32, Float64, Int, Tensor, ndarray

_ENTRY = re.compile(r"\[[^\]]+\]-|[A-Z](?:\[[^\]]+\])?")


class SimulatedSpectra:
    """Predicted spectra of one split, a `SpectrumSource`.

    Parameters
    ----------
    table : pyarrow.Table
        Columns ``peptide`` (ProForma), ``charge`` and one list of intensities per ion type, by
        ordinal; see `SpectrumStore`.
    vocabulary : Vocabulary
        Tokens and masses.
    min_relative_intensity : float
        Peaks below this share of the base peak are left out: MS2PIP predicts an intensity for
        every fragment, even below the detection limit of an instrument.
    """

    def __init__(
        self, table: pa.Table, vocabulary: Vocabulary, min_relative_intensity: float = 1e-3
    ) -> None:
        self.vocabulary = vocabulary
        self.min_relative_intensity = min_relative_intensity
        names = [name for name in table.column_names if name not in ("peptide", "charge", "split")]
        self.ions = [IonType.parse(name) for name in names]
        self._peptides = table["peptide"].combine_chunks()
        self._charges = torch.from_numpy(table["charge"].to_numpy().astype(np.int64))
        self._tokens = [self._tokenise(text.as_py()) for text in self._peptides]
        self.lengths = np.array([self._n_residues(tokens) for tokens in self._tokens])
        columns = [table[name].combine_chunks() for name in names]
        self._first_site = torch.from_numpy(columns[0].offsets.to_numpy().astype(np.int64))
        values = [column.values.to_numpy(zero_copy_only=False) for column in columns]
        self._intensity: Float32[Tensor, "ion value"] = torch.from_numpy(np.stack(values))

    def __len__(self) -> int:
        return len(self._tokens)

    def identifiers(self, indices: Int[ndarray, " batch"]) -> list[str]:
        """Return the ProForma text of spectra."""
        return [self._peptides[int(i)].as_py() for i in indices]

    @property
    def identities(self) -> list[str]:
        """The `identity` of each peptide."""
        return [identity(text) for text in self._peptides.to_pylist()]

    def _tokenise(self, text: str) -> list[int]:
        return self.vocabulary.encode(_ENTRY.findall(text))

    def _n_residues(self, tokens: list[int]) -> int:
        return len(tokens) - int(self.vocabulary.is_n_terminal[tokens[0]])

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Compute the clean spectra of rows, as `SpectrumSource.read` describes.

        A spectrum has all predicted peaks above ``min_relative_intensity``.
        """
        tokens = pad_tokens([self._tokens[int(i)] for i in indices])
        masses = self.vocabulary.masses[tokens]  # [batch, length], 0 for EOS and PAD
        total = masses.sum(dim=1) + WATER_MASS
        n_residues = torch.from_numpy(self.lengths[indices])
        prefix = self._site_prefix(tokens, masses, int(n_residues.max()) - 1)
        mz, intensity, mask = self._peaks(indices, prefix, total, n_residues)
        floor = self.min_relative_intensity * intensity.amax(dim=1, keepdim=True)
        peaks = arrange_peaks(mz, intensity, mask & (intensity >= floor), n_peaks=mz.shape[1])
        charge = self._charges[torch.from_numpy(indices)]
        return LabelledSpectra(Spectra(*peaks, total, charge), self.vocabulary.canonical[tokens])

    def _site_prefix(
        self,
        tokens: Int[Tensor, "batch length"],
        masses: Float64[Tensor, "batch length"],
        n_sites: int,
    ) -> Float64[Tensor, "batch site"]:
        # An N-terminal modification is a token of its own but not followed by a cleavage site.
        shift = self.vocabulary.is_n_terminal[tokens[:, :1]].long()
        last = (torch.arange(n_sites)[None] + shift).clamp(max=masses.shape[1] - 1)
        return masses.cumsum(dim=1).gather(1, last)

    def _peaks(
        self,
        indices: Int[ndarray, " batch"],
        prefix: Float64[Tensor, "batch site"],
        total: Float64[Tensor, " batch"],
        n_residues: Int[Tensor, " batch"],
    ) -> tuple[Tensor, Tensor, Tensor]:
        sites = torch.arange(prefix.shape[1])[None]
        last = n_residues[:, None] - 2
        present = sites <= last
        first = self._first_site[torch.from_numpy(indices)][:, None]
        # Ordinals count from the terminus of the ion.
        forward = first + sites.clamp(max=last)
        backward = first + (last - sites).clamp(min=0)
        mz = [ion.mz(prefix, total[:, None]) for ion in self.ions]
        rows = [forward if ion.is_n_terminal else backward for ion in self.ions]
        intensity = [self._intensity[number][row] for number, row in enumerate(rows)]
        mask = present.repeat(1, len(self.ions))
        return torch.cat(mz, dim=1).float(), torch.cat(intensity, dim=1), mask
