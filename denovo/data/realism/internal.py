"""Internal fragments: stretches of a peptide that hold neither terminus."""

import math

import torch

from denovo.chemistry import CARBON_MONOXIDE_MASS, WATER_MASS
from denovo.chemistry.internal_fragments import (
    BETWEEN_SPECTRA,
    SCATTER,
    SIZES,
    InternalFragments,
)
from denovo.data.realism.draw import Draw
from denovo.data.realism.losses import losses_of
from denovo.data.realism.peaks import ABSENT, Peaks
from denovo.data.realism.subject import Subject
from denovo.typing import Bool, Float32, Tensor

_MOST, _LOWEST = 64, 1e-4
"""Peaks that are kept of each spectrum, and their least share of the base peak: the rest is never
seen."""

_TO_A = ((-1.5, 1.8), (-2.3, 0.8), (-1.4, 0.8))
"""Logarithm of the height of a fragment without carbon monoxide relative to the whole one, mean and
standard deviation, for two, three and more residues. Those of two vary on their own: most are seen
without the whole fragment."""

_WITHOUT_WATER = (-1.2, 0.9)
"""The same for water, where a residue has it to lose; `_UNABLE` more elsewhere."""
_UNABLE = -1.1


def internal_fragments(subject: Subject, strength: float, draw: Draw) -> Peaks:
    """Break peptides twice, where measured ones do.

    Parameters
    ----------
    subject : Subject
        The batch.
    strength : float
        Height relative to measured spectra, in which spectra with many such fragments and others
        with hardly any are found together.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        The highest of the fragments of the b type, the sum of their residues and a proton, and of
        those that lost carbon monoxide or water.
    """
    batch = subject.batch
    inner = InternalFragments.of(batch.tokens, subject.is_residue, subject.vocabulary)
    base = subject.base.log() + math.log(strength or 1e-30)
    common = base + BETWEEN_SPECTRA * draw.normal()
    whole = _scattered(inner.log_height + common[..., None], 0.0, SCATTER, draw)
    to_a = torch.tensor([_TO_A[min(k, len(_TO_A) - 1)] for k in range(len(SIZES))]).to(whole)
    dried = _scattered(whole, *_WITHOUT_WATER, draw)
    dried = torch.where(_can_lose_water(subject, inner), dried, dried + _UNABLE)
    mz = torch.stack([inner.mz, inner.mz - CARBON_MONOXIDE_MASS, inner.mz - WATER_MASS], dim=1)
    height = torch.stack(
        [whole, _scattered(whole, to_a[:, :1], to_a[:, 1:], draw), dried], dim=1
    ).exp()
    is_seen = inner.is_there[:, None] & (height > _LOWEST * subject.base[..., None, None])
    height = torch.where(is_seen, height, ABSENT)
    return Peaks(mz.float().flatten(1), height.flatten(1)).strongest(_MOST)


def _scattered(
    log_height: Float32[Tensor, "batch size start"],
    mean: float | Tensor,
    sigma: float | Tensor,
    draw: Draw,
) -> Float32[Tensor, "batch size start"]:
    normal = draw.normal(log_height[0].numel()).view_as(log_height)
    return log_height + mean + sigma * normal


def _can_lose_water(subject: Subject, inner: InternalFragments) -> Bool[Tensor, "batch size start"]:
    """Tell which fragments hold a residue that has water to lose."""
    tokens = subject.batch.tokens
    losers = losses_of(subject.vocabulary, tokens.device)
    nobody = torch.zeros(len(subject.vocabulary), dtype=torch.bool, device=tokens.device)
    holds = next((holds for loss, holds in losers if loss.is_water), nobody)
    n_before = torch.nn.functional.pad(holds[tokens].cumsum(dim=1), (1, 0))
    return inner.span(n_before) > 0
