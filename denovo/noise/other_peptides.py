"""Fragments of other peptides: what most of the peaks are that a peptide does not explain."""

import torch
from torch.nn.functional import pad

from denovo.chemistry import AMMONIA_MASS, CARBON_MONOXIDE_MASS, PROTON_MASS, WATER_MASS
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.immonium import immonium_table
from denovo.noise.peaks import Draw, Peaks
from denovo.typing import Bool, Float32, Float64, Int, Tensor

_OF_SINGLE_RESIDUES = 0.2
"""Share of the peaks that are immonium ions and their relatives."""
_WITH_C_TERMINUS = 0.3
"""Share of the other peaks that are y ions; the rest are stretches from anywhere else."""
_MEAN_SIZE = 4.0
"""Residues beyond the first, exponentially distributed."""
_DOUBLY, _HEAVY = 0.25, 600.0
"""Share of those above so many Da that has two protons."""

CHANGES = (
    (0.4, 0.0, WATER_MASS),
    (0.25, -CARBON_MONOXIDE_MASS, WATER_MASS),
    (0.1, -CARBON_MONOXIDE_MASS - AMMONIA_MASS, WATER_MASS),
    (0.1, -AMMONIA_MASS, WATER_MASS - AMMONIA_MASS),
    (0.15, -WATER_MASS, 0.0),
)
"""Share, and what fragments without and with the C-terminus have beside their residues, in Da."""


def other_peptide_mz(
    annotated: AnnotatedBatch, n_peaks: int, draw: Draw
) -> Float32[Tensor, "batch peak"]:
    """Draw fragments of the other peptides of a batch.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The batch, of two peptides or more.
    n_peaks : int
        How many fragments each spectrum is given.
    draw : Draw
        Random numbers.

    Returns
    -------
    Tensor [batch, peak], float32
        Their m/z in Th, in no order: each of another peptide, or an immonium ion of some residue
        of the batch.
    """
    is_residue = annotated.is_residue
    n_rows = len(is_residue)
    other = torch.arange(n_rows, device=is_residue.device)[:, None] + 1
    other = (other + draw.integers(n_peaks, n_rows - 1)) % n_rows
    first = is_residue.long().argmax(dim=1)[other]
    n_residues = is_residue.sum(dim=1)[other]
    is_tail = draw.chance(_WITH_C_TERMINUS, n_peaks)
    size = (1 - _MEAN_SIZE * torch.log1p(-draw.uniform(n_peaks))).long()
    size = size.minimum((n_residues - 1).clamp(min=1))
    start = draw.integers(n_peaks, n_residues - size + 1)
    start = first + torch.where(is_tail, n_residues - size, start)
    mass = _stretch(annotated, other, start, size) + _change(is_tail, draw)
    charge = 1 + (draw.chance(_DOUBLY, n_peaks) & (mass > _HEAVY)).long()
    single = _single_residues(annotated, n_peaks, draw)
    is_single = draw.chance(_OF_SINGLE_RESIDUES, n_peaks)
    return torch.where(is_single, single, mass / charge + PROTON_MASS).float()


def _stretch(
    annotated: AnnotatedBatch,
    row: Int[Tensor, "batch peak"],
    start: Int[Tensor, "batch peak"],
    size: Int[Tensor, "batch peak"],
) -> Float64[Tensor, "batch peak"]:
    """Add up the residues of stretches of peptides."""
    masses = annotated.vocabulary.masses.to(row.device)[annotated.batch.tokens]
    sums = pad(masses.cumsum(dim=1), (1, 0))
    return sums[row, start + size] - sums[row, start]


def _change(is_tail: Bool[Tensor, "batch peak"], draw: Draw) -> Float64[Tensor, "batch peak"]:
    share, elsewhere, at_tail = torch.tensor(
        CHANGES, dtype=torch.float64, device=is_tail.device
    ).unbind(dim=1)
    which = draw.choice(share, is_tail.shape[1])
    return torch.where(is_tail, at_tail[which], elsewhere[which])


def _single_residues(
    annotated: AnnotatedBatch, n_peaks: int, draw: Draw
) -> Float64[Tensor, "batch peak"]:
    """Draw immonium ions of the residues of all peptides, the frequent ones more often."""
    tokens = annotated.batch.tokens
    table = immonium_table(annotated.vocabulary, tokens.device)
    count = torch.bincount(tokens[annotated.is_residue], minlength=len(annotated.vocabulary))
    odds = (count[table.token] * table.probability).double()
    return table.mz.double()[draw.choice(odds, n_peaks)]


_N_PEAKS = 30
"""Peaks of the second peptide that can rise above the cut."""
_SHARE = 0.5
"""Most that the second peptide has of the intensity of the first."""


def coisolated_peptides(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the strongest peaks of the spectrum next in the batch, whose peptide is as long.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The batch; one spectrum alone has no other to be mixed with.
    strength : float
        Share of the spectra that hold a second peptide, at most half as high.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        Fragments of the other peptides.
    """
    scaled = Peaks(annotated.peaks.mz, annotated.peaks.intensity / annotated.base)
    other = scaled.strongest(_N_PEAKS)
    height = annotated.base * _SHARE * draw.uniform()
    mixed = Peaks(other.mz.roll(1, 0), other.intensity.roll(1, 0) * height)
    return mixed.where(draw.chance(strength if len(annotated.batch) > 1 else 0.0))
