"""Peaks that a peptide does not explain, though peptides in general could."""

from functools import lru_cache

import torch

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    PROTON_MASS,
    WATER_MASS,
    Vocabulary,
)
from denovo.typing import Bool, Float32, Float64, Tensor

LIGHTEST, HEAVIEST = 50.0, 300.0
"""Range in Th in which the fragments of all peptides lie so far apart that they can be told from
peaks at random."""

_TOLERANCE = 3e-3
"""Th; light ions of different composition are further apart."""

_CHANGES = (
    *(0.0, -CARBON_MONOXIDE_MASS, -WATER_MASS, -AMMONIA_MASS),
    *(-CARBON_MONOXIDE_MASS - AMMONIA_MASS, WATER_MASS, WATER_MASS - AMMONIA_MASS),
)
"""What fragments have beside their residues: those of the b type and of the a type, what has lost
water or ammonia, and y ions."""


@lru_cache(maxsize=4)
def light_fragments(vocabulary: Vocabulary) -> Float64[Tensor, " fragment"]:
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
    changes = torch.tensor(_CHANGES, dtype=torch.float64) + PROTON_MASS
    mz = (torch.cat(all_sums)[:, None] + changes).flatten().unique()
    return mz[(mz > LIGHTEST) & (mz < HEAVIEST)]


def is_light(mz: Float32[Tensor, "*peak"]) -> Bool[Tensor, "*peak"]:
    """Tell which peaks are light enough to be asked."""
    return (mz > LIGHTEST) & (mz < HEAVIEST)


def is_fragment(mz: Float32[Tensor, "*peak"], vocabulary: Vocabulary) -> Bool[Tensor, "*peak"]:
    """Tell which peaks stand where some peptide has a fragment.

    Parameters
    ----------
    mz : Tensor [...], float32
        In Th.
    vocabulary : Vocabulary
        The residues.
    """
    known = light_fragments(vocabulary)
    above = torch.searchsorted(known, mz.double().contiguous()).clamp(1, len(known) - 1)
    gap = torch.minimum((known[above] - mz).abs(), (mz - known[above - 1]).abs())
    return gap <= _TOLERANCE
