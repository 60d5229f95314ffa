"""Mass constraint of the search: only peptides that agree with the precursor mass."""

from collections.abc import Sequence

import torch

from denovo.chemistry import EOS, ISOTOPE_SPACING, WATER_MASS, parse_tolerance
from denovo.decoding.hypotheses import tokens_on
from denovo.decoding.reachable import reachable_masses
from denovo.errors import InputError
from denovo.spectra.protocol import Sequencer
from denovo.typing import Bool, Float64, Int, Tensor


class MassConstraint:
    """Agreement of peptides with a measured precursor mass.

    Parameters
    ----------
    tolerance : str
        Largest difference of the neutral masses of precursor and peptide: ``"20 ppm"``,
        ``"0.02 Da"``.
    isotope_errors : sequence of int
        Isotopic peaks that the instrument may have selected; 0 is the monoisotopic peak, 1 the
        peak with one carbon-13.

    Raises
    ------
    InputError
        If the tolerance cannot be read or no isotope is given.
    """

    def __init__(self, tolerance: str = "20 ppm", isotope_errors: Sequence[int] = (0, 1)) -> None:
        self.tolerance = parse_tolerance(tolerance)
        self.isotope_errors = tuple(isotope_errors)
        if not self.isotope_errors:
            raise InputError("isotope_errors must name at least one isotope, such as [0], got []")

    def windows(
        self, precursor_mass: Float64[Tensor, " batch"]
    ) -> tuple[Float64[Tensor, "batch isotope"], Float64[Tensor, "batch isotope"]]:
        """Return the bounds of the sum of residue masses in Da, without water, for each isotope."""
        errors = precursor_mass.new_tensor(self.isotope_errors)
        monoisotopic = precursor_mass[:, None] - errors * ISOTOPE_SPACING
        low, high = self.tolerance.theoretical_bounds(monoisotopic)
        return low - WATER_MASS, high - WATER_MASS

    def is_met(
        self, residue_mass: Float64[Tensor, "batch beam"], precursor_mass: Float64[Tensor, " batch"]
    ) -> Bool[Tensor, "batch beam"]:
        """Return which sums of residue masses, in Da without water, agree with the precursor."""
        low, high = self.windows(precursor_mass)
        mass = residue_mass[..., None]
        return ((low[:, None] <= mass) & (mass <= high[:, None])).any(dim=-1)


class MassLimit:
    """Limit to prefixes that some multiset of residues completes to the precursor mass."""

    def __init__(
        self,
        constraint: MassConstraint,
        sequencer: Sequencer,
        precursor_mass: Float64[Tensor, " row"],
        max_length: int,
    ) -> None:
        vocabulary, device = sequencer.vocabulary, precursor_mass.device
        self.low, self.high = constraint.windows(precursor_mass)
        self.max_length = max_length
        tokens = tokens_on(vocabulary, device)
        self.masses, self.heaviest = tokens.masses, vocabulary.masses.max().item()
        self.is_residue = tokens.is_residue
        # Forward, an N-terminal modification may only be the first token; backward, only the last.
        is_backward = sequencer.direction == "backward"
        self.reachable = reachable_masses(vocabulary, is_backward, device)
        self.is_last = tokens.is_n_terminal & is_backward

    def forbidden(
        self, row: Int[Tensor, " chosen"], read_mass: Float64[Tensor, " chosen"], n_read: int
    ) -> Bool[Tensor, "chosen vocab"]:
        """Mark tokens after which no peptide has the precursor mass; see `Limit`."""
        after = (read_mass[:, None] + self.masses)[:, None]
        low, high = self.low[row, :, None] - after, self.high[row, :, None] - after
        fits_now = (low <= 0) & (high >= 0)
        longest = (self.max_length - n_read - 1) * self.heaviest
        fits_later = self.reachable.any_between(low, high) & (low <= longest)
        fits = torch.where(self.is_last, fits_now, fits_later & self.is_residue)
        fits[..., EOS] = fits_now[..., EOS]
        return ~fits.any(dim=1)
