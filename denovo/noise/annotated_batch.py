"""Peptides of a batch with the peaks of their fragments."""

from dataclasses import dataclass
from functools import cached_property

import torch

from denovo.chemistry import Vocabulary
from denovo.noise.peaks import ABSENT, Peaks
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.cleavage_sites import CleavageSites
from denovo.spectra.fragment_matches import FRAGMENT_TOLERANCE, IONS
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Float32, Int, Tensor


@dataclass(frozen=True)
class Parents:
    """Fragments from which isotopes, losses and other ions are derived, with their charges.

    A fragment is absent where the spectrum does not show the ion.
    """

    peaks: Peaks
    charge: Int[Tensor, " peak"]


class AnnotatedBatch:
    """Batch with the cleavage sites and fragments of its peptides, computed on first access.

    Parameters
    ----------
    batch : LabelledSpectra
        Spectra, peaks in ascending m/z, and their peptides.
    peaks : Peaks
        The same peaks in the same order, changed in intensity or removed by the noise.
    vocabulary : Vocabulary
        Masses of the tokens.
    """

    def __init__(self, batch: LabelledSpectra, peaks: Peaks, vocabulary: Vocabulary) -> None:
        self.batch, self.peaks, self.vocabulary = batch, peaks, vocabulary
        self.base = peaks.base

    @cached_property
    def sites(self) -> CleavageSites:
        """Cleavage sites of the peptides; every peptide ends with EOS."""
        return CleavageSites.of(self.batch.tokens[:, :-1], self.vocabulary)

    @cached_property
    def parents(self) -> Parents:
        """Ions of `IONS`, one after another, each at all sites."""
        mz = torch.cat([self.sites.mz(ion) for ion in IONS], dim=1).float()
        is_site = self.sites.is_site.repeat(1, len(IONS))
        intensity = torch.where(is_site, self.height_at(mz), ABSENT)
        charges = torch.tensor([ion.charge for ion in IONS], device=mz.device)
        return Parents(Peaks(mz, intensity), charges.repeat_interleave(mz.shape[1] // len(IONS)))

    @property
    def is_residue(self) -> Bool[Tensor, "batch length"]:
        """True at residues, False at modifications of the N-terminus and in padding."""
        tokens = self.batch.tokens
        return self.batch.residue_mask & ~self.vocabulary.is_n_terminal.to(tokens.device)[tokens]

    def height_at(self, mz: Float32[Tensor, "batch query"]) -> Float32[Tensor, "batch query"]:
        """Look up the intensity of the peaks nearest to m/z values; `ABSENT` without one."""
        entry, is_found = self.find(mz)
        return torch.where(is_found, self.peaks.intensity.flatten()[entry], ABSENT)

    def find(
        self, mz: Float32[Tensor, "batch query"]
    ) -> tuple[Int[Tensor, "batch query"], Bool[Tensor, "batch query"]]:
        """Find the peaks nearest to m/z values.

        Returns the place of each in the flattened batch, and whether it is within the tolerance.
        """
        row = torch.arange(len(mz), device=mz.device).repeat_interleave(mz.shape[1])
        entry, is_found = self._index.match(row, mz.flatten(), FRAGMENT_TOLERANCE)
        return entry.view(mz.shape), is_found.view(mz.shape)

    @cached_property
    def _index(self) -> PeakIndex:
        return PeakIndex.of(self.batch.spectra.mz, self.batch.spectra.peak_mask)
