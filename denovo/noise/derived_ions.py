"""Peaks that follow from a b or y ion: isotopes, a ions, another charge.

The strengths that are shipped, and the heights below, are such that ``denovo spectra-stats`` finds
in simulated spectra what it finds in measured ones (docs/data.md).
"""

import torch

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    ISOTOPE_SPACING,
    PROTON_MASS,
)
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import Draw, Peaks, join
from denovo.typing import Float32, Tensor

HEAVY_PER_DA = 5.5e-4
"""Heavy isotopes expected in a peptide, per Da: averagine (Senko et al., J. Am. Soc. Mass Spectrom.
6, 229 (1995), doi:10.1016/1044-0305(95)00017-8), whose 111.05 Da hold 0.060 of them."""

_A_HEIGHT = (-1.8, 0.9)
_A2_GAIN = 6.0
"""How much more often b2 loses CO than others do: a2 and b2 are nearly as high as each other."""
_A_WITHOUT_AMMONIA = 0.4, (-1.0, 0.9)
"""How many a ions lose ammonia, too, and the logarithm of the height relative to theirs: a ions are
primary amines."""
_SECOND_CHARGE_HEIGHT = (-2.0, 0.9)


def isotopes(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add carbon-13 isotopes to all b and y ions of a share of the spectra.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The batch.
    strength : float
        Share of the spectra.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        First and second isotope of each ion. The isolation window cuts off a part of the heavy
        precursors, and with it of the isotopes: a spectrum has 0.4 to 1.0 times what averagine has.
    """
    parents, charge = annotated.parents.peaks, annotated.parents.charge
    expected = HEAVY_PER_DA * parents.mz * charge * (0.4 + 0.6 * draw.uniform())
    first = expected * draw.lognormal(0.0, 0.3, expected.shape[1])
    step = ISOTOPE_SPACING / charge
    isolated = parents.where(draw.chance(strength))
    return join([_moved(isolated, step, first), _moved(isolated, 2 * step, 0.5 * first.square())])


def a_ions(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Let b ions lose carbon monoxide, the second of them most of all.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The batch.
    strength : float
        Share of the b ions of charge 1 that do.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        The a ions, and those without ammonia.
    """
    sites, parents = annotated.sites, annotated.parents.peaks
    n = sites.is_site.shape[1]
    b_ions = Peaks(parents.mz[:, :n], parents.intensity[:, :n])
    height = draw.lognormal(*_A_HEIGHT, n)
    height = torch.where(sites.ordinal == 2, _A2_GAIN * height, height)
    a = _moved(b_ions.where(draw.chance(strength, n)), -CARBON_MONOXIDE_MASS, height)
    often, relative = _A_WITHOUT_AMMONIA
    lost = _moved(a.where(draw.chance(often, n)), -AMMONIA_MASS, draw.lognormal(*relative, n))
    return join([a, lost])


def doubly_charged(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Give b and y ions of charge 1 a partner of charge 2, for models that predict none.

    Parameters
    ----------
    annotated : AnnotatedBatch
        The batch.
    strength : float
        Share of the ions that have one.
    draw : Draw
        Random numbers.

    Returns
    -------
    Peaks
        The partners.
    """
    parents, charge = annotated.parents.peaks, annotated.parents.charge
    n = int(len(charge) // 2)  # the first half of them has charge 1
    singly = Peaks(parents.mz[:, :n], parents.intensity[:, :n]).where(draw.chance(strength, n))
    mz = (singly.mz + PROTON_MASS) / 2
    return Peaks(mz, singly.intensity * draw.lognormal(*_SECOND_CHARGE_HEIGHT, n))


def _moved(parents: Peaks, shift: float | Tensor, height: Float32[Tensor, "batch peak"]) -> Peaks:
    """Make the peaks this far from their parents in Th, at heights relative to theirs."""
    return Peaks((parents.mz + shift).float(), parents.intensity * height)
