"""Spectra of a store: predicted intensities and computed m/z."""

import re

import numpy as np
import pyarrow as pa
import torch

from denovo.chemistry import WATER_MASS, IonType, Vocabulary
from denovo.chemistry.identity import identity
from denovo.spectra.batch import LabelledSpectra, Spectra, pad_tokens
from denovo.spectra.cleavage_sites import CleavageSites
from denovo.spectra.peak_selection import arrange_peaks
from denovo.typing import Float32, Int, Tensor, ndarray

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
        self._tokens = [vocabulary.encode(_ENTRY.findall(text.as_py())) for text in self._peptides]
        self.lengths = np.array([vocabulary.n_residues(tokens) for tokens in self._tokens])
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

    def read(self, indices: Int[ndarray, " batch"]) -> LabelledSpectra:
        """Compute the clean spectra of rows, as `SpectrumSource.read` describes.

        A spectrum has all predicted peaks above ``min_relative_intensity``.
        """
        tokens = pad_tokens([self._tokens[int(i)] for i in indices])
        total = self.vocabulary.masses[tokens].sum(dim=1) + WATER_MASS
        sites = CleavageSites.of(tokens, self.vocabulary)
        chosen = torch.from_numpy(indices)
        # Ordinals count from the terminus of the ion.
        first, place = self._first_site[chosen][:, None], sites.ordinal.clamp(min=1)
        forward = first + place - 1
        backward = first + sites.is_site.sum(dim=1, keepdim=True) - place
        rows = [forward if ion.is_n_terminal else backward for ion in self.ions]
        values = [values[row] for values, row in zip(self._intensity, rows, strict=True)]
        intensity = torch.cat(values, dim=1)
        mz = torch.cat([ion.mz(sites.prefix_mass, total[:, None]) for ion in self.ions], dim=1)
        floor = self.min_relative_intensity * intensity.amax(dim=1, keepdim=True)
        is_peak = sites.is_site.repeat(1, len(self.ions)) & (intensity >= floor)
        peaks = arrange_peaks(mz.float(), intensity, is_peak, n_peaks=mz.shape[1])
        spectra = Spectra(*peaks, total, self._charges[chosen])
        return LabelledSpectra(spectra, self.vocabulary.canonical[tokens])
