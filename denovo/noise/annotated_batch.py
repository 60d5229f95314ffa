"""What the parts of the noise know: the peptides of a batch and the peaks they have left."""

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

PARENTS = IONS
"""Ions that others follow from, such as isotopes and losses."""

TOLERANCE = FRAGMENT_TOLERANCE
"""How far a peak may lie from the ion that it is taken for."""


@dataclass(frozen=True)
class Parents:
    """Fragments of known charge, and the height at which they stand in the spectrum.

    Parameters
    ----------
    peaks : Peaks
        Theoretical m/z; absent where the spectrum does not show the ion.
    charge : Tensor [peak], int64
        Protons on each.
    """

    peaks: Peaks
    charge: Int[Tensor, " peak"]


class AnnotatedBatch:
    """A batch with what is known of its peptides; computed when it is first asked for.

    Parameters
    ----------
    batch : LabelledSpectra
        Spectra, peaks in ascending m/z, and their peptides.
    peaks : Peaks
        The same peaks in the same order; heights changed and peaks missing as the noise has it.
    vocabulary : Vocabulary
        What the tokens mean.
    """

    def __init__(self, batch: LabelledSpectra, peaks: Peaks, vocabulary: Vocabulary) -> None:
        self.batch, self.peaks, self.vocabulary = batch, peaks, vocabulary
        self.base = peaks.base

    @cached_property
    def sites(self) -> CleavageSites:
        """Cleavage sites of the peptides; the last residue is followed by EOS at the latest."""
        return CleavageSites.of(self.batch.tokens[:, :-1], self.vocabulary)

    @cached_property
    def parents(self) -> Parents:
        """The b and y ions of charge 1 and 2, as `PARENTS` lists them, each at all sites."""
        mz = torch.cat([self.sites.mz(ion) for ion in PARENTS], dim=1).float()
        is_site = self.sites.is_site.repeat(1, len(PARENTS))
        intensity = torch.where(is_site, self.height_at(mz), ABSENT)
        charges = torch.tensor([ion.charge for ion in PARENTS], device=mz.device)
        return Parents(Peaks(mz, intensity), charges.repeat_interleave(mz.shape[1] // len(PARENTS)))

    @property
    def is_residue(self) -> Bool[Tensor, "batch length"]:
        """Where residues stand; a modification of the N-terminus is none."""
        tokens = self.batch.tokens
        return self.batch.residue_mask & ~self.vocabulary.is_n_terminal.to(tokens.device)[tokens]

    def height_at(self, mz: Float32[Tensor, "batch query"]) -> Float32[Tensor, "batch query"]:
        """Look up how high the spectrum is at m/z values; `ABSENT` where no peak is near."""
        row = torch.arange(len(mz), device=mz.device).repeat_interleave(mz.shape[1])
        entry, is_found = self._index.match(row, mz.flatten(), TOLERANCE)
        height = self.peaks.intensity.flatten()[entry]
        return torch.where(is_found, height, ABSENT).view_as(mz)

    @cached_property
    def _index(self) -> PeakIndex:
        return PeakIndex.of(self.batch.spectra.mz, self.batch.spectra.peak_mask)
