"""The share of a spectrum that the predicted peptide does not explain."""

from collections.abc import Sequence

import torch
from torch.nn.functional import pad

from denovo.chemistry import IonType, Vocabulary
from denovo.errors import InputError, check_positive
from denovo.losses.expected_mass import expected_residue_masses
from denovo.losses.term import LossTerm
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.typing import Bool, Float, Float32, Float64, Tensor

_ALMOST_ONE = 1 - 1e-6
"""A perfect match counts as this, which keeps the logarithm of its complement finite."""

_FAR = 1e6
"""An m/z in Th beyond every peak, for ions that do not exist."""

_NEIGHBOURS = 2
"""Ions on either side of a peak that may explain it."""


class SpectrumMatchingLoss(LossTerm):
    """Share of the spectrum that the expected fragment ladder leaves unexplained, in [0, 1].

    The expected residue masses add up to soft prefix masses, these give the m/z of every ion type
    at every cleavage site. Peak ``i`` and ion ``j`` at a distance ``d`` match by
    ``m_ij = 1 / (1 + (d / width)^2)``; a peak is explained to the degree ``1 - prod_j (1 - m_ij)``,
    a smooth "at least one". The loss is the mean over peaks of what is not explained, weighted by a
    power of the intensity.

    Parameters
    ----------
    vocabulary : Vocabulary
        Masses of the tokens.
    ion_types : sequence of str
        Names of the ion types, as the simulator of the training spectra has them.
    width_da : float
        Distance in Th at which a match is worth one half, positive; the ``terms`` of a curriculum
        may change it. The gradient is largest at 0.58 widths.
    intensity_power : float
        Peaks count by this power of their intensity, positive. 1 is the share of the intensity that
        is recalled; the square root, the default, limits the influence of one dominant peak
        (before proline, for example).

    Raises
    ------
    InputError
        If an ion type is unknown, none is given, or a number is not positive.

    Notes
    -----
    - Doubly charged ions are expected for precursors of charge 2 and more only: an ion has at most
      the charge of its precursor.
    - C-terminal ions have the *measured* precursor mass less the prefix, so that a wrong residue
      shifts the sites behind it, not those on both sides.
    - The tails of a match fall like ``1 / d^2``, so that an ion feels a peak at any distance. A
      Gaussian of the same width has no gradient beyond about ten widths: for an untrained
      sequencer it is 0 from 0.1 Th downwards (`benchmarks/spectrum_gradient.py`).
    - Peaks that no ion could explain (noise, losses) add nearly a constant and little gradient.
    - Only the last refinement step counts, as in the precursor mass loss.
    - The product runs over the two nearest ions on either side of a peak. Those farther away have a
      much smaller gradient, and would multiply the cost by ten.
    """

    width_da: Tensor

    def __init__(
        self,
        vocabulary: Vocabulary,
        ion_types: Sequence[str] = ("b", "y", "b2", "y2"),
        width_da: float | int = 0.5,
        intensity_power: float | int = 0.5,
    ) -> None:
        super().__init__(vocabulary)
        if not ion_types:
            raise InputError("ion_types is empty; name at least one, such as b or y")
        self.ion_types = tuple(IonType.parse(name) for name in ion_types)
        self.intensity_power = check_positive("intensity_power", intensity_power)
        self.add_setting("width_da", width_da)

    def forward(
        self, logits: Float[Tensor, "step batch length vocab"], batch: LabelledSpectra
    ) -> Float32[Tensor, " batch"]:
        """Compute the unexplained share of each spectrum; 0 for one without peaks."""
        with torch.autocast(device_type=logits.device.type, enabled=False):
            residues = expected_residue_masses(logits[-1], batch.residue_mask, self.vocabulary)
            prefix = residues.cumsum(dim=-1)[:, :-1]
            ion_mz, ion_mask = self._ladder(prefix, self._sites(batch), batch.spectra)
            unexplained = _unexplained(batch.spectra, ion_mz, ion_mask, self.width_da)
            return _mean_over_peaks(unexplained, batch.spectra, self.intensity_power)

    def _sites(self, batch: LabelledSpectra) -> Bool[Tensor, "batch site"]:
        """Mark the positions behind which a peptide bond can break."""
        is_n_terminal = self.vocabulary.is_n_terminal.to(batch.tokens.device)
        return batch.residue_mask[:, 1:] & ~is_n_terminal[batch.tokens[:, :-1]]

    def _ladder(
        self,
        prefix: Float64[Tensor, "batch site"],
        sites: Bool[Tensor, "batch site"],
        spectra: Spectra,
    ) -> tuple[Float64[Tensor, "batch fragment"], Bool[Tensor, "batch fragment"]]:
        """List the m/z of all ions at all sites, and which of them exist."""
        precursor_mass = spectra.precursor_mass[:, None]
        charge = spectra.precursor_charge[:, None]
        mz = [ion.mz(prefix, precursor_mass) for ion in self.ion_types]
        exists = [sites & (charge >= ion.charge) for ion in self.ion_types]
        return torch.cat(mz, dim=1), torch.cat(exists, dim=1)


def _unexplained(
    spectra: Spectra,
    ion_mz: Float64[Tensor, "batch fragment"],
    ion_mask: Bool[Tensor, "batch fragment"],
    width: Float32[Tensor, ""],
) -> Float32[Tensor, "batch peak"]:
    """Compute the degree to which no ion explains a peak."""
    mz = spectra.mz.double().contiguous()
    nearest = _nearest_ions(mz, ion_mz, ion_mask)
    # The m/z values need float64, their difference only float32.
    distance = (mz[:, :, None] - nearest).float()  # [batch, peak, neighbour]
    match = _ALMOST_ONE / (1 + (distance / width) ** 2)
    return torch.log1p(-match).sum(dim=-1).exp()


def _mean_over_peaks(
    values: Float32[Tensor, "batch peak"], spectra: Spectra, intensity_power: float
) -> Float32[Tensor, " batch"]:
    """Average over the peaks of each spectrum, weighted by a power of their intensity."""
    weight = torch.where(spectra.peak_mask, spectra.intensity.float() ** intensity_power, 0.0)
    return (weight * values).sum(dim=-1) / weight.sum(dim=-1).clamp(min=1e-12)


def _nearest_ions(
    mz: Float64[Tensor, "batch peak"],
    ion_mz: Float64[Tensor, "batch fragment"],
    ion_mask: Bool[Tensor, "batch fragment"],
) -> Float64[Tensor, "batch peak neighbour"]:
    """Look up the ions next to each peak, as many below as above it."""
    ladder = torch.where(ion_mask, ion_mz, _FAR).sort(dim=1).values
    ladder = pad(pad(ladder, (_NEIGHBOURS, 0), value=-_FAR), (0, _NEIGHBOURS), value=_FAR)
    above = torch.searchsorted(ladder.detach(), mz)
    index = above[:, :, None] + torch.arange(-_NEIGHBOURS, _NEIGHBOURS, device=mz.device)
    return ladder.gather(1, index.flatten(1)).unflatten(1, index.shape[1:])
