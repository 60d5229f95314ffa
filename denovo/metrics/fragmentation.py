"""How much of a peptide its spectrum shows: what no sequencer can read is not there."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from denovo.chemistry import WATER_MASS, IonType, Ppm, Vocabulary
from denovo.chemistry.tolerance import Tolerance
from denovo.spectra import LabelledSpectra, Spectra
from denovo.typing import Bool, Float64, Int, Tensor


@dataclass(frozen=True)
class Fragmentation:
    """Which cleavage sites of known peptides have a fragment among the peaks.

    Parameters
    ----------
    is_covered : Tensor [batch, site], bool
        True where a fragment of the site behind each token is there.
    is_site : Tensor [batch, site], bool
        True where a bond is between two residues: not behind a modification of the N-terminus, not
        in padding.
    """

    is_covered: Bool[Tensor, "batch site"]
    is_site: Bool[Tensor, "batch site"]

    @property
    def share(self) -> Float64[Tensor, " batch"]:
        """Share of the sites that are covered, in [0, 1]; 1 for a single residue."""
        n_sites = self.is_site.sum(dim=1)
        share = self.is_covered.sum(dim=1).double() / n_sites.clamp(min=1)
        return share.where(n_sites > 0, 1.0)

    @property
    def longest_silent_run(self) -> Int[Tensor, " batch"]:
        """Most sites in a row that are not covered."""
        run = torch.zeros(len(self.is_site), dtype=torch.int64)
        longest = run
        for silent in (self.is_site & ~self.is_covered).unbind(dim=1):
            run = (run + 1) * silent
            longest = torch.maximum(longest, run)
        return longest


def fragmentation(
    batch: LabelledSpectra,
    vocabulary: Vocabulary,
    ions: Sequence[str] = ("b", "y"),
    tolerance: Tolerance | None = None,
) -> Fragmentation:
    """Look for the fragments of known peptides in the peaks that a sequencer is shown.

    Parameters
    ----------
    batch : LabelledSpectra
        Spectra, cut to the peaks that are shown, and peptides.
    vocabulary : Vocabulary
        Masses of the tokens.
    ions : sequence of str
        Any of these covers a site; see `IonType.parse`.
    tolerance : Ppm or Da, optional
        Largest distance from the theoretical m/z; 20 ppm by default.
    """
    tolerance = tolerance or Ppm(20.0)
    masses = vocabulary.masses.to(batch.tokens.device)[batch.tokens]  # [batch, length]
    peptide_mass = masses.sum(dim=1, keepdim=True) + WATER_MASS
    prefix = masses.cumsum(dim=1)[:, :-1]
    is_residue = batch.residue_mask & ~vocabulary.is_n_terminal[batch.tokens]
    is_site = is_residue[:, :-1] & batch.residue_mask[:, 1:]
    found = torch.zeros_like(is_site)
    for name in ions:
        mz = IonType.parse(name).mz(prefix, peptide_mass)
        found |= _has_peak(batch.spectra, mz, tolerance)
    return Fragmentation(found & is_site, is_site)


def _has_peak(
    spectra: Spectra, mz: Float64[Tensor, "batch site"], tolerance: Tolerance
) -> Bool[Tensor, "batch site"]:
    """Tell whether any peak lies within the tolerance of each m/z."""
    peaks = spectra.mz.double().masked_fill(~spectra.peak_mask, torch.inf)
    low, high = tolerance.bounds(mz)
    first = torch.searchsorted(peaks, low.contiguous(), side="left")
    past = torch.searchsorted(peaks, high.contiguous(), side="right")
    return past > first
