"""Internal fragments: parts of a peptide without its termini."""

import math

import torch

from denovo.chemistry import CARBON_MONOXIDE_MASS
from denovo.chemistry.internal_fragments import MEASURED, SIZES, InternalFragments
from denovo.chemistry.pyteomics_mass import mass
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.neutral_losses import losses_of
from denovo.noise.peaks import ABSENT, Draw, Peaks
from denovo.typing import Bool, Float32, Tensor

_MAX_PEAKS, _MIN_HEIGHT = 80, 1e-4
"""Largest number of these peaks in a spectrum, and their smallest share of the base peak."""

_OF_SITE = 0.45
"""Standard deviation of the effect common to all fragments that begin, or end, at a cleavage site.
It reduces the scatter of single fragments accordingly. Measured: the deviations of two fragments of
a site from `InternalFragments` have a correlation of 0.08 in one file and of 0.01 in two."""

_OWN = math.sqrt(MEASURED.scatter**2 - 2 * _OF_SITE**2)

_TO_A = ((-1.5, 1.8), (-2.3, 0.8), (-1.4, 0.8))
"""Logarithm of the intensity of a fragment without carbon monoxide relative to the whole one, mean
and standard deviation, for two, three and more residues. The wide scatter for two residues reflects
that most of these ions are observed without the whole fragment."""

_LOST = {"H2O": (-1.2, 0.9, -1.1), "NH3": (-1.9, 0.9, -0.8)}
"""The same for small molecules, and the summand for fragments without a residue that can lose
them."""
_LOST_BY_A = -0.3
"""Summand for fragments that have also lost carbon monoxide."""


def internal_fragments(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the most intense internal fragments, also without CO, water or ammonia.

    A strength of 1 gives the intensities of measured spectra, where some spectra have many internal
    fragments and others hardly any. Fragments of the b type have the mass of their residues and a
    proton.
    """
    inner = InternalFragments.of(annotated.batch.tokens, annotated.is_residue, annotated.vocabulary)
    base = annotated.base.log() + math.log(strength or 1e-30)
    common = base + MEASURED.between_spectra * draw.normal()
    b_type = _scattered(
        inner.log_height + _of_sites(inner, draw) + common[..., None], 0.0, _OWN, draw
    )
    ratio = torch.tensor([_TO_A[min(k, len(_TO_A) - 1)] for k in range(len(SIZES))]).to(b_type)
    a_type = _scattered(b_type, ratio[:, :1], ratio[:, 1:], draw)
    mz, heights = [inner.mz, inner.mz - CARBON_MONOXIDE_MASS], [b_type, a_type]
    for formula, (mean, sigma, unable) in _LOST.items():
        lost = mass.calculate_mass(formula=formula)
        rare = torch.where(_can_lose(formula, annotated, inner), 0.0, unable)
        mz += [inner.mz - lost, inner.mz - CARBON_MONOXIDE_MASS - lost]
        heights.append(_scattered(b_type + rare, mean, sigma, draw))
        heights.append(_scattered(a_type + rare, mean + _LOST_BY_A, sigma, draw))
    height = torch.stack(heights, dim=1).exp()
    is_seen = inner.is_there[:, None] & (height > _MIN_HEIGHT * annotated.base[..., None, None])
    height = torch.where(is_seen, height, ABSENT)
    return Peaks(torch.stack(mz, dim=1).float().flatten(1), height.flatten(1)).strongest(_MAX_PEAKS)


def _of_sites(inner: InternalFragments, draw: Draw) -> Float32[Tensor, "batch size start"]:
    """Draw effects on the log intensity that all fragments of a cleavage site share."""
    n = inner.mz.shape[2]
    begins, ends = _OF_SITE * draw.normal(n), _OF_SITE * draw.normal(n)
    return begins[:, None] + ends[:, inner.end.clamp(max=n - 1)]


def _scattered(
    log_height: Float32[Tensor, "batch size start"],
    mean: float | Tensor,
    sigma: float | Tensor,
    draw: Draw,
) -> Float32[Tensor, "batch size start"]:
    normal = draw.normal(log_height[0].numel()).view_as(log_height)
    return log_height + mean + sigma * normal


def _can_lose(
    formula: str, annotated: AnnotatedBatch, inner: InternalFragments
) -> Bool[Tensor, "batch size start"]:
    """Mark the fragments with a residue that can lose the molecule."""
    tokens = annotated.batch.tokens
    losers = losses_of(annotated.vocabulary, tokens.device)
    nobody = torch.zeros(len(annotated.vocabulary), dtype=torch.bool, device=tokens.device)
    holds = next((holds for loss, holds in losers if loss.formula == formula), nobody)
    n_before = torch.nn.functional.pad(holds[tokens].cumsum(dim=1), (1, 0))
    return inner.span(n_before) > 0
