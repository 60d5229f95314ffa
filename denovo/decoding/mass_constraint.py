"""Agreement of peptides with the precursor mass."""

from collections.abc import Sequence

from denovo.chemistry import ISOTOPE_SPACING, WATER_MASS, parse_tolerance
from denovo.errors import InputError
from denovo.typing import Bool, Float64, Tensor


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
