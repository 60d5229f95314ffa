"""Peaks derived from b and y ions: isotopes, a ions, ions of further charges.

The strengths in conf/noise and the intensities below are chosen so that ``denovo spectra-stats``
measures the same figures on simulated and on measured spectra (docs/reference/data.md).
"""

import torch

from denovo.chemistry import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    ISOTOPE_SPACING,
    PROTON_MASS,
    IonType,
)
from denovo.noise.annotated_batch import AnnotatedBatch
from denovo.noise.peaks import ABSENT, Draw, Peaks, join
from denovo.typing import Float32, Tensor

HEAVY_PER_DA = 5.5e-4
"""Expected number of heavy isotopes in a peptide per Da: averagine (Senko et al., J. Am. Soc. Mass
Spectrom. 6, 229 (1995), doi:10.1016/1044-0305(95)00017-8) has 0.060 in 111.05 Da."""

_Y3 = IonType("y", 3)

_A_HEIGHT = (-1.8, 0.9)
"""Logarithm of the intensity relative to the b ion: mean and standard deviation."""
_A2_GAIN = 6.0
"""Factor on the intensity of a2: a2 and b2 are about equally intense."""
_A_WITHOUT_AMMONIA = 0.4, (-1.0, 0.9)
"""Share of the a ions that also lose ammonia, and the logarithm of the intensity relative to the a
ion (mean and standard deviation): a ions are primary amines."""
_SECOND_CHARGE_HEIGHT = (-2.0, 0.9)
"""Logarithm of the intensity relative to the singly charged ion: mean and standard deviation."""

_TRIPLY_CHARGED_HEIGHT = (-1.8, 0.9)
"""Logarithm of the intensity relative to the base peak: mean and standard deviation."""
_LIGHTEST, _HEAVY = 1000.0, 1600.0
"""Mass in Da from which on a y ion of charge 3 occurs, and from which on as often as any."""


def isotopes(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add the first and second carbon-13 isotope of all b and y ions in a share of the spectra.

    The isolation window removes a part of the heavy precursors, and with it of the isotopes: a
    spectrum has 0.4 to 1.0 times the isotopes of averagine.
    """
    parents, charge = annotated.parents.peaks, annotated.parents.charge
    expected = HEAVY_PER_DA * parents.mz * charge * (0.4 + 0.6 * draw.uniform())
    first = expected * draw.lognormal(0.0, 0.3, expected.shape[1])
    step = ISOTOPE_SPACING / charge
    isolated = parents.where(draw.chance(strength))
    return join([_moved(isolated, step, first), _moved(isolated, 2 * step, 0.5 * first.square())])


def a_ions(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add a ions, also without ammonia, to a share of the singly charged b ions."""
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
    """Add a partner of charge 2 to a share of the singly charged b and y ions.

    The addition is meant for models that predict no doubly charged ions.
    """
    parents, charge = annotated.parents.peaks, annotated.parents.charge
    n = int(len(charge) // 2)  # the first half has charge 1
    singly = Peaks(parents.mz[:, :n], parents.intensity[:, :n]).where(draw.chance(strength, n))
    mz = (singly.mz + PROTON_MASS) / 2
    return Peaks(mz, singly.intensity * draw.lognormal(*_SECOND_CHARGE_HEIGHT, n))


def triply_charged(annotated: AnnotatedBatch, strength: float, draw: Draw) -> Peaks:
    """Add y ions of charge 3, which no model predicts, to precursors of charge 4 and more.

    They do not depend on what the spectrum shows of the same site at other charges: in measured
    spectra, 0.24 of the sites with a y ion above 1,400 Da have one, with or without a y ion of
    charge 2 (benchmarks/silent_sites.py). Other batches draw no random numbers for them.
    """
    sites = annotated.sites
    is_high = annotated.batch.spectra.precursor_charge > _Y3.charge
    mz = sites.mz(_Y3)
    if not is_high.any():
        return Peaks(mz[:, :0].float(), annotated.base[:, :0])
    mass = (mz - PROTON_MASS) * _Y3.charge
    often = ((mass - _LIGHTEST) / (_HEAVY - _LIGHTEST)).clamp(0, 1).float()
    n_sites = mz.shape[1]
    is_seen = (draw.uniform(n_sites) < strength * often) & sites.is_site & is_high[:, None]
    height = annotated.base * draw.lognormal(*_TRIPLY_CHARGED_HEIGHT, n_sites)
    return Peaks(mz.float(), torch.where(is_seen, height, ABSENT))


def _moved(parents: Peaks, shift: float | Tensor, height: Float32[Tensor, "batch peak"]) -> Peaks:
    """Shift peaks by a distance in Th and scale their intensities."""
    return Peaks((parents.mz + shift).float(), parents.intensity * height)
