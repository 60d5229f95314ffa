"""What the parts of the noise know: the peptides of a batch and the peaks they have left."""

from dataclasses import dataclass
from functools import cached_property

import torch

from denovo.chemistry import IonType, Vocabulary
from denovo.noise.peaks import ABSENT, Peaks
from denovo.spectra.batch import LabelledSpectra
from denovo.spectra.cleavage_sites import Ladder
from denovo.typing import Bool, Float32, Int, Tensor

PARENTS = tuple(IonType.parse(name) for name in ("b", "y", "b2", "y2"))
"""Ions that others follow from, such as isotopes and losses."""

TOLERANCE = 20e-6
"""How far, relatively, a peak may lie from the ion that it is taken for."""


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


class Subject:
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
    def ladder(self) -> Ladder:
        """Cleavage sites of the peptides."""
        return Ladder.of(self.batch, self.vocabulary)

    @cached_property
    def parents(self) -> Parents:
        """The b and y ions of charge 1 and 2, as `PARENTS` lists them, each at all sites."""
        mz = torch.cat([self.ladder.mz(ion) for ion in PARENTS], dim=1)
        is_site = self.ladder.is_site.repeat(1, len(PARENTS))
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
        spectra = self.batch.spectra
        ordered = spectra.mz.masked_fill(~spectra.peak_mask, torch.inf)
        above = torch.searchsorted(ordered, mz.contiguous()).clamp(max=ordered.shape[1] - 1)
        below = (above - 1).clamp(min=0)
        gap_above = (ordered.gather(1, above) - mz).abs()
        gap_below = (mz - ordered.gather(1, below)).abs()
        nearest = torch.where(gap_above < gap_below, above, below)
        is_found = torch.minimum(gap_above, gap_below) <= TOLERANCE * mz
        return torch.where(is_found, self.peaks.intensity.gather(1, nearest), ABSENT)
