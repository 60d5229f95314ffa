"""Peaks that a peptide does not explain, though peptides in general could."""

from functools import lru_cache

import torch

from denovo.characteristics.theory import nearest_error
from denovo.chemistry import AMMONIA_MASS, CARBON_MONOXIDE_MASS, PROTON_MASS, Vocabulary
from denovo.data.realism.foreign import CHANGES
from denovo.data.realism.peaks import Peaks
from denovo.typing import Bool, Float32, Tensor

LIGHTEST, HEAVIEST = 50.0, 300.0
"""Range in Th in which the fragments of all peptides lie so far apart that they can be told from
peaks at random."""

_TOLERANCE = 3e-3
"""Th; light ions of different composition are further apart."""


@lru_cache(maxsize=4)
def light_fragments(vocabulary: Vocabulary) -> Float32[Tensor, " fragment"]:
    """List the m/z of all fragments of all peptides up to `HEAVIEST`, ascending.

    Parameters
    ----------
    vocabulary : Vocabulary
        The residues.
    """
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
    """Tell which peaks are light enough to be asked."""
    return peaks.is_present & (peaks.mz > LIGHTEST) & (peaks.mz < HEAVIEST)


def is_fragment(peaks: Peaks, vocabulary: Vocabulary) -> Bool[Tensor, "batch peak"]:
    """Tell which peaks stand where some peptide has a fragment.

    Parameters
    ----------
    peaks : Peaks
        Light ones; of others it says nothing.
    vocabulary : Vocabulary
        The residues.
    """
    known = light_fragments(vocabulary).expand(len(peaks.mz), -1)
    return nearest_error(peaks, known).abs() * 1e-6 * peaks.mz <= _TOLERANCE
