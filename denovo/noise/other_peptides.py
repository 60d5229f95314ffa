"""Fragments of other peptides, which cause most of the peaks that a peptide does not explain."""

import torch
from torch.nn.functional import pad

from denovo.chemistry import AMMONIA_MASS, CARBON_MONOXIDE_MASS, PROTON_MASS, WATER_MASS
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.immonium import immonium_table
from denovo.noise.peaks import Draw, Peaks
from denovo.typing import Bool, Float32, Float64, Int, Tensor

_OF_SINGLE_RESIDUES = 0.2
"""Share of immonium and related ions among the peaks."""
_WITH_C_TERMINUS = 0.3
"""Share of y ions among the other peaks; the rest lacks the C-terminus."""
_MEAN_SIZE = 4.0
"""Mean number of residues beyond the first; exponentially distributed."""
_DOUBLY, _HEAVY = 0.25, 600.0
"""Share of doubly charged fragments among those above a mass in Da."""

CHANGES = (
    (0.4, 0.0, WATER_MASS),
    (0.25, -CARBON_MONOXIDE_MASS, WATER_MASS),
    (0.1, -CARBON_MONOXIDE_MASS - AMMONIA_MASS, WATER_MASS),
    (0.1, -AMMONIA_MASS, WATER_MASS - AMMONIA_MASS),
    (0.15, -WATER_MASS, 0.0),
)
"""Share, and mass in Da beyond the residues of fragments without and with the C-terminus."""


def other_peptide_mz(
    annotated: AnnotatedBatch, n_peaks: int, draw: Draw
) -> Float32[Tensor, "batch peak"]:
    """Draw m/z in Th, unordered, of fragments of the other peptides in a batch of two or more."""
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
    """Sum the residue masses of stretches of peptides, in Da."""
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
    """Draw immonium ions of the residues of all peptides, weighted by their frequency."""
    tokens = annotated.batch.tokens
    table = immonium_table(annotated.vocabulary, tokens.device)
    count = torch.bincount(tokens[annotated.is_residue], minlength=len(annotated.vocabulary))
    odds = (count[table.token] * table.probability).double()
    return table.mz.double()[draw.choice(odds, n_peaks)]


_N_PEAKS = 30
"""Largest number of peaks of the second peptide."""
_SHARE = 0.5
"""Largest intensity of the second peptide relative to the first."""


def coisolated_peptides(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the most intense peaks of the next spectrum of the batch to a share of the spectra.

    Batches hold peptides of similar length. A batch of one spectrum stays unchanged.
    """
    scaled = Peaks(annotated.peaks.mz, annotated.peaks.intensity / annotated.base)
    other = scaled.strongest(_N_PEAKS)
    height = annotated.base * _SHARE * draw.uniform()
    mixed = Peaks(other.mz.roll(1, 0), other.intensity.roll(1, 0) * height)
    return mixed.where(draw.chance(strength if len(annotated.batch) > 1 else 0.0))
