"""Theoretical m/z of all kinds of ions, and the errors of peaks."""

from functools import lru_cache
from itertools import combinations_with_replacement

import torch

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    ISOTOPE_SPACING,
    PROTON_MASS,
    WATER_MASS,
    Da,
    Vocabulary,
    ppm_error,
)
from denovo.chemistry.internal_fragments import InternalFragments
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.immonium import has_residue, immonium_table
from denovo.noise.other_peptides import CHANGES
from denovo.noise.peaks import Peaks
from denovo.noise.precursor import precursor_mz
from denovo.spectra.peak_index import PeakIndex
from denovo.typing import Bool, Float32, Tensor

_LOSSES = (WATER_MASS, AMMONIA_MASS)
_TWICE = tuple(one + other for one, other in combinations_with_replacement(_LOSSES, 2))

NOWHERE = torch.inf
"""m/z of padding and of ions that a peptide cannot have."""


def theoretical_ions(annotated: AnnotatedBatch) -> dict[str, Float32[Tensor, "batch _"]]:
    """Return the m/z in Th of all ions of a batch of peptides by kind, the likeliest kind first.

    Isotopes are those of b and y ions in the spectrum.
    """
    parents, charge = annotated.parents.peaks, annotated.parents.charge
    of_site = torch.where(annotated.sites.is_site.repeat(1, 4), parents.mz, NOWHERE)
    shown = torch.where(parents.is_present, parents.mz, NOWHERE)
    n_sites = annotated.sites.is_site.shape[1]
    step = ISOTOPE_SPACING / charge
    table = immonium_table(annotated.vocabulary, parents.mz.device)
    a_ions = of_site[:, :n_sites] - CARBON_MONOXIDE_MASS
    return {
        "b, y": of_site[:, : 2 * n_sites],
        "b, y of charge 2": of_site[:, 2 * n_sites :],
        "isotopes": torch.cat([shown + step, shown + 2 * step], dim=1).float(),
        "losses": torch.cat(
            [of_site - loss / charge for loss in (*_LOSSES, *_TWICE)], dim=1
        ).float(),
        "a": torch.cat([a_ions, a_ions - AMMONIA_MASS], dim=1),
        "immonium": torch.where(has_residue(annotated, table), table.mz, NOWHERE),
        "precursor": precursor_mz(
            annotated.sites.peptide_mass, annotated.batch.spectra.precursor_charge
        ),
        "internal": _internal(annotated),
    }


def _internal(annotated: AnnotatedBatch) -> Float32[Tensor, "batch _"]:
    internal = InternalFragments.of(
        annotated.batch.tokens, annotated.is_residue, annotated.vocabulary
    )
    whole = torch.where(internal.is_there, internal.mz.float(), NOWHERE).flatten(1)
    both = torch.cat([whole, whole - CARBON_MONOXIDE_MASS], dim=1)
    return torch.cat([both - loss for loss in (0.0, *_LOSSES)], dim=1)


def nearest_error(
    peaks: Peaks, ions: Float32[Tensor, "batch ion"]
) -> Float32[Tensor, "batch peak"]:
    """Return the signed error in ppm of each peak to the nearest ion; infinite without ions."""
    ordered = ions.sort(dim=1).values
    row = torch.arange(len(ions)).repeat_interleave(peaks.mz.shape[1])
    entry, _ = PeakIndex.of(ordered, ordered < NOWHERE).nearest(row, peaks.mz.flatten())
    nearest = ordered.flatten()[entry].view_as(peaks.mz).double()
    return torch.where(nearest < NOWHERE, ppm_error(peaks.mz.double(), nearest), torch.inf).float()


LIGHTEST, HEAVIEST = 50.0, 300.0
"""Range in Th in which fragments of all peptides are sparse enough to differ from random peaks."""

_TOLERANCE = Da(3e-3)
"""Smaller than the distance of light ions of different composition."""


@lru_cache(maxsize=4)
def light_fragments(vocabulary: Vocabulary) -> Float32[Tensor, " fragment"]:
    """Return the ascending m/z of all fragments of all peptides up to `HEAVIEST`."""
    residues = vocabulary.masses[vocabulary.candidates]
    residues = residues[~vocabulary.is_n_terminal[vocabulary.candidates]]
    heaviest = HEAVIEST + CARBON_MONOXIDE_MASS + AMMONIA_MASS
    sums, all_sums = torch.zeros(1, dtype=torch.float64), []
    while len(sums):
        sums = ((sums[:, None] + residues).flatten() * 1e5).round().unique() / 1e5
        sums = sums[sums < heaviest]
        all_sums.append(sums)
    changes = sorted({change for _, *both in CHANGES for change in both})
    mz = (
        (torch.cat(all_sums)[:, None] + torch.tensor(changes, dtype=torch.float64) + PROTON_MASS)
        .flatten()
        .unique()
    )
    return mz[(mz > LIGHTEST) & (mz < HEAVIEST)].float()


def is_light(peaks: Peaks) -> Bool[Tensor, "batch peak"]:
    """Return which peaks are in the range of `light_fragments`."""
    return peaks.is_present & (peaks.mz > LIGHTEST) & (peaks.mz < HEAVIEST)


def is_fragment(peaks: Peaks, vocabulary: Vocabulary) -> Bool[Tensor, "batch peak"]:
    """Return which light peaks match a fragment of any peptide."""
    known = light_fragments(vocabulary)[None]
    mz = peaks.mz.flatten()
    index = PeakIndex.of(known, torch.ones_like(known, dtype=torch.bool))
    return index.match(torch.zeros_like(mz, dtype=torch.int64), mz, _TOLERANCE)[1].view_as(peaks.mz)
