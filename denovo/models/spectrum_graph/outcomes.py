"""Outcomes at a cleavage site: for each ion no peak, or the class of its peak."""

from dataclasses import replace

import torch

from denovo.chemistry import IonType
from denovo.models.evidence.lookup import PeakLookup, SiteIons
from denovo.spectra.batch import Spectra
from denovo.typing import Float, Float64, Int, Tensor

PARENTS = {
    **{"b": None, "y": "b", "b2": "b", "y2": "y", "a": "b"},
    **{"b-H2O": "b", "y-H2O": "y", "b-NH3": "b", "y-NH3": "y", "b+i": "b", "y+i": "y"},
}
"""Ions that are looked up, and the parent on which the odds of each depend: without the peak of
its parent, an isotope or a loss has other odds. Parents precede their children."""
IONS = tuple(IonType.parse(name) for name in PARENTS)
PARENT_OF = [list(PARENTS).index(parent) if parent else 0 for parent in PARENTS.values()]

_RANKS = (8, 20, 45)
"""Last rank by intensity of each class of peaks but the weakest."""
_CROWDED = 6
"""Number of other peaks within `_AROUND` Th from which chance hits are likely."""
_AROUND = 25.0
_PPM = (3.0, 8.0, 20.0)
"""Upper bounds of the classes of distance from the m/z of the ion."""
_LEAST = 0.006
"""Th; a peak at this distance always counts, also where 20 ppm are less: some files round m/z."""
N_KINDS = (len(_RANKS) + 1) * 2
N_OUTCOMES = 1 + N_KINDS * len(_PPM)
"""No peak, and each class of peaks at each distance."""
_END = 210.0
"""Da; sites closer than this to a terminus are its first or second."""
N_PLACES = 4
"""Near the N-terminus, in the first half, in the second, near the C-terminus."""
N_CHARGES = 2
"""Precursors of at most two charges, and of more."""


def reach(mz: float) -> float:
    """Return the largest distance between an ion of this m/z and a peak that counts, in Th."""
    return max(_LEAST, _PPM[-1] * 1e-6 * mz)


def classified_peaks(spectra: Spectra) -> PeakLookup:
    """Build a lookup whose heights are classes of peaks by rank and by local peak density."""
    intensity = spectra.intensity.masked_fill(~spectra.peak_mask, -1.0)
    rank = intensity.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    of_rank = torch.bucketize(rank, torch.tensor(_RANKS, device=rank.device), right=True)
    near = (spectra.mz[:, :, None] - spectra.mz[:, None]).abs() <= _AROUND
    n_near = (near & spectra.peak_mask[:, None]).sum(dim=2) - 1
    kind = of_rank * 2 + (n_near >= _CROWDED)
    peaks = PeakLookup.of(spectra, reach)
    return replace(peaks, height=torch.nn.functional.pad(kind.float(), (1, 1)))


def outcomes(
    peaks: PeakLookup,
    site_ions: SiteIons,
    read_mass: Float64[Tensor, " row"],
    precursor_mass: Float64[Tensor, " row"],
) -> Int[Tensor, "row ion site"]:
    """Return the outcome of each ion of each site, 0 for no peak; masses are in Da."""
    n_ions, n_sites = site_ions.step.shape
    seen = torch.zeros(len(read_mass), n_ions * n_sites, dtype=torch.int64, device=read_mass.device)
    hits = peaks.near(site_ions(read_mass, precursor_mass), site_ions.step)
    ppm = hits.distance / hits.mz.clamp(min=1.0) * 1e6
    distance = torch.bucketize(ppm, ppm.new_tensor(_PPM[:-1]))
    is_hit = (ppm <= _PPM[-1]) | (hits.distance <= _LEAST)
    outcome = 1 + hits.height.long() * len(_PPM) + distance
    seen[hits.row, hits.column] = outcome * is_hit
    return seen.view(-1, n_ions, n_sites)


def places(
    prefix_mass: Float64[Tensor, "*site"], residue_mass: Float64[Tensor, "*#site"]
) -> Int[Tensor, "*site"]:
    """Return the place of sites in the peptide, from prefix mass and total residue mass in Da."""
    in_second_half = prefix_mass > residue_mass / 2
    is_near = torch.minimum(prefix_mass, residue_mass - prefix_mass) < _END
    return torch.where(is_near, 3 * in_second_half.long(), 1 + in_second_half.long())


def parents_seen(seen: Int[Tensor, "row ion site"]) -> Int[Tensor, "row ion site"]:
    """Return 1 where the parent of an ion has a peak; 0 for ions without a parent."""
    parents = (seen[:, PARENT_OF] > 0).long()
    parents[:, 0] = 0
    return parents


def sum_of_odds(
    odds: Float[Tensor, "charge place ion parent outcome"],
    seen: Int[Tensor, "row ion site"],
    charge: Int[Tensor, " row"],
    place: Int[Tensor, "row site"],
) -> Float[Tensor, "row site"]:
    """Add up the log-odds of all ions of each site, each given the outcome of its parent."""
    has_parent = parents_seen(seen)
    ion = torch.arange(seen.shape[1], device=seen.device)[:, None]
    context = (charge[:, None, None] * N_PLACES + place[:, None]) * seen.shape[1] + ion
    return odds.flatten()[(context * 2 + has_parent) * N_OUTCOMES + seen].sum(dim=1)
