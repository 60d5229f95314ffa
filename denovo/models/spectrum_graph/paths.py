"""Likelihoods of all peptides that complete a prefix to the precursor mass."""

import torch

from denovo.chemistry import ISOTOPE_SPACING, WATER_MASS
from denovo.typing import Float, Float64, Int, Tensor

WIDTH_PPM = 5.0
"""Standard deviation of precursor errors."""
ISOTOPES = ((0.0, 1.0), (ISOTOPE_SPACING, 0.03))
"""Excess masses of the precursor in Da (none, one carbon-13), and their odds."""
LOWEST = -200.0
"""Natural logarithm of the smallest likelihood."""
_TAIL = 0.02
"""Height of the tail of the bell curve, which ends at `_TAIL_PPM`."""
_TAIL_PPM = 25.0


def log_agreement(
    read: Float64[Tensor, "*site"], total: Float64[Tensor, "*#site"]
) -> Float[Tensor, "*site"]:
    """Compute the natural logarithm of the agreement of residue masses with precursors, in Da.

    ``read`` is the mass of all residues, ``total`` the neutral precursor mass, water included.
    """
    weight = torch.zeros_like(read)
    for gap, share in ISOTOPES:
        ppm = (total - WATER_MASS - gap - read).abs() / total * 1e6
        bell = (-(ppm / WIDTH_PPM).square() / 2).exp()
        weight = weight + share * (bell + _TAIL * (ppm <= _TAIL_PPM))
    return weight.log().clamp(min=LOWEST).float()


STEP = 0.0181543
"""Da between the masses of the grid: near 0.02 Da this step has the smallest rounding error of
residue masses, 2 mDa (root mean square; 5 mDa with 0.02 Da), which adds up over a peptide."""


def log_completions(
    log_site: Float[Tensor, "spectrum bin"],
    final: Float64[Tensor, "spectrum bin"],
    log_residue: Float64[Tensor, " residue"],
    mass: Float64[Tensor, " residue"],
) -> Float[Tensor, "spectrum bin"]:
    """Add up the likelihoods of all peptides, from the end of the reading to its start.

    Bin k of the result is the natural logarithm of the sum over all completions after ``k * STEP``
    Da read: over residues, their prior (``log_residue``, inside a peptide), times the odds of the
    next site, times the value there. ``final`` is the likelihood that one more residue, with its
    mass in Da, ends the peptide. The lightest residue spans thousands of bins, which are computed
    at once.
    """
    n_spectra, n_bins = log_site.shape
    shifts = (mass / STEP).round().long().tolist()
    weights = log_residue.exp().tolist()
    block = min(shifts)
    onward = final.new_zeros(n_spectra, n_bins + max(shifts))
    value = final.clone()
    site = log_site.double().exp()
    for end in range(n_bins, 0, -block):
        start = max(end - block, 0)
        own = value[:, start:end]
        for shift, weight in zip(shifts, weights, strict=True):
            own.add_(onward[:, start + shift : end + shift], alpha=weight)
        torch.mul(own, site[:, start:end], out=onward[:, start:end])
    return value.log().clamp(min=LOWEST).float()


def completions_at(
    log_value: Float[Tensor, "spectrum bin"],
    spectrum: Int[Tensor, " row"],
    read_mass: Float64[Tensor, "row site"],
) -> Float[Tensor, "row site"]:
    """Look up the result of `log_completions` at masses read in Da."""
    n_bins = log_value.shape[1]
    place = (read_mass / STEP).round().long()
    flat = spectrum[:, None] * n_bins + place.clamp(0, n_bins - 1)
    values = log_value.view(-1)[flat]
    return values.masked_fill((place < 0) | (place >= n_bins), LOWEST)
