"""Types of fragment ions, and their m/z as a function of the cleavage site."""

import re
from dataclasses import dataclass

from denovo.chemistry.masses import (
    AMMONIA_MASS,
    CARBON_MONOXIDE_MASS,
    ISOTOPE_SPACING,
    PROTON_MASS,
    WATER_MASS,
)
from denovo.errors import InputError
from denovo.typing import Float64, Tensor

_SERIES = {"a": -CARBON_MONOXIDE_MASS, "b": 0.0, "y": WATER_MASS}
_LOSSES = {"": 0.0, "-H2O": -WATER_MASS, "-NH3": -AMMONIA_MASS, "+i": ISOTOPE_SPACING}
_NAME = re.compile(r"([aby])([123]?)(-H2O|-NH3|\+i)?")


@dataclass(frozen=True)
class IonType:
    """A type of fragment ion: series, charge, and neutral loss or isotope.

    A cleavage site divides a peptide of neutral mass ``M`` into a prefix with residues of mass
    ``p`` and a suffix with residues of mass ``M - water - p``. ``offset`` is added to this mass.

    Parameters
    ----------
    series : str
        ``"a"``, ``"b"`` or ``"y"``.
    charge : int
        1 to 3.
    change : str
        ``""``, ``"-H2O"``, ``"-NH3"`` or ``"+i"`` for the first carbon-13 isotope.

    Notes
    -----
    Nomenclature after Roepstorff and Fohlman, Biomed. Mass Spectrom. 11, 601 (1984),
    doi:10.1002/bms.1200111109.
    """

    series: str
    charge: int
    change: str = ""

    @classmethod
    def parse(cls, name: str) -> "IonType":
        """Read a name: ``b``, ``y2`` (doubly charged), ``y3``, ``b-H2O``, ``y+i``.

        Raises
        ------
        InputError
            If the name has another form.
        """
        match = _NAME.fullmatch(name)
        if not match:
            raise InputError(
                f"unknown ion type {name!r}; expected a, b or y, then 2 or 3 if it has that many "
                "charges, then -H2O, -NH3 or +i, such as y2 or b-H2O"
            )
        series, charge, change = match.groups()
        return cls(series, int(charge or 1), change or "")

    @property
    def name(self) -> str:
        """The name in the notation of `parse`."""
        return f"{self.series}{'' if self.charge == 1 else self.charge}{self.change}"

    @property
    def is_n_terminal(self) -> bool:
        """Whether the ion contains the N-terminus (a and b) or the C-terminus (y)."""
        return self.series != "y"

    @property
    def offset(self) -> float:
        """Mass in Da of the neutral fragment minus the sum of its residues."""
        return _SERIES[self.series] + _LOSSES[self.change]

    def mz(
        self, prefix_mass: Float64[Tensor, "*site"], precursor_mass: Float64[Tensor, "*#site"]
    ) -> Float64[Tensor, "*site"]:
        """Compute the m/z of this ion at cleavage sites.

        Parameters
        ----------
        prefix_mass : Tensor, float64
            Sum of the residue masses before each site, N-terminal modification included, in Da.
        precursor_mass : Tensor, float64, broadcastable
            Neutral mass of the peptide, water included, in Da.

        Returns
        -------
        Tensor, float64
            m/z in Th, of the shape of ``prefix_mass``.
        """
        residues = prefix_mass if self.is_n_terminal else precursor_mass - WATER_MASS - prefix_mass
        return (residues + self.offset) / self.charge + PROTON_MASS


def immonium_mz(residue_mass: Float64[Tensor, "*any"]) -> Float64[Tensor, "*any"]:
    """Compute the m/z of immonium ions: residue less CO, plus a proton.

    Parameters
    ----------
    residue_mass : Tensor, float64
        Residue masses in Da.

    Returns
    -------
    Tensor, float64
        m/z in Th; 86.0964 for leucine (Falick et al., J. Am. Soc. Mass Spectrom. 4, 882 (1993),
        doi:10.1016/1044-0305(93)87006-X).
    """
    return residue_mass - CARBON_MONOXIDE_MASS + PROTON_MASS
