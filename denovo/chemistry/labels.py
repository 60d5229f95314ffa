"""Isobaric labels and the ions that show them."""

from dataclasses import dataclass

from denovo.chemistry.masses import PROTON_MASS
from denovo.chemistry.pyteomics_mass import mass

_REPORTERS = tuple(
    sorted(
        float(mass.calculate_mass(formula=f"C{8 - heavy}C[13]{heavy}H15{nitrogen}")) + PROTON_MASS
        for heavy in range(9)
        for nitrogen in ("N", "N[15]")
    )
)


@dataclass(frozen=True)
class Label:
    """A label of lysines and N-termini, whose channels differ by the isotopes of a reporter ion.

    Parameters
    ----------
    name : str
        Name in UNIMOD.
    accession : str
        UNIMOD accession.
    formula : str
        Elements that it adds.
    n_channels : int
        Number of reporter ions.
    """

    name: str
    accession: str
    formula: str
    n_channels: int

    @property
    def reporters(self) -> tuple[float, ...]:
        """m/z in Th of the reporter ions, ascending."""
        return _REPORTERS[: self.n_channels]

    @property
    def whole(self) -> float:
        """m/z in Th of the ion of the whole label."""
        return float(mass.calculate_mass(formula=self.formula)) + PROTON_MASS


TMT = Label("TMT6plex", "UNIMOD:737", "C8C[13]4H20NN[15]O2", 11)
TMT_PRO = Label("TMTpro", "UNIMOD:2016", "C8C[13]7H25NN[15]2O3", 18)
LABELS = {label.accession: label for label in (TMT, TMT_PRO)}
"""Labels of the TMT family, by accession. Their reporter ion has up to eight carbon-13 and one
nitrogen-15 (Li et al., Nat. Methods 17, 399 (2020), doi:10.1038/s41592-020-0781-4)."""
