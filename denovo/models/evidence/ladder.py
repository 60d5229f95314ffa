"""The m/z of fragment ions at many cleavage sites at once."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, IonType
from denovo.models.protocol import Direction
from denovo.typing import Float64, Tensor


class IonLadder(nn.Module):
    """Ions of the sites that lie certain masses beyond what has been read.

    The m/z of an ion is linear in the mass read, in the precursor mass and in the mass from there
    to the site: each is the sum of one number of its row and one of its site.

    Parameters
    ----------
    ions : sequence of IonType
        Ion types.
    direction : "forward" or "backward"
        Which terminus the residues were read from.
    masses : Tensor [site], float64
        From the residues read to each site, in Da.

    Attributes
    ----------
    step : Tensor [ion, site], float64
        Term of each site in the m/z of each ion, in Th.
    """

    slope: Tensor
    share: Tensor
    start: Tensor
    step: Tensor

    def __init__(
        self, ions: Sequence[IonType], direction: Direction, masses: Float64[Tensor, " site"]
    ) -> None:
        super().__init__()

        def mz(read_mass: float, precursor_mass: float) -> Float64[Tensor, " ion"]:
            read, total = torch.tensor([read_mass, precursor_mass], dtype=torch.float64)
            prefix = read if direction == "forward" else total - WATER_MASS - read
            return torch.stack([ion.mz(prefix, total) for ion in ions])

        start = mz(0.0, 0.0)
        slope = mz(1.0, 0.0) - start
        buffers = {
            "start": start,
            "slope": slope,
            "share": mz(0.0, 1.0) - start,
            "step": slope[:, None] * masses,
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    def forward(
        self, read_mass: Float64[Tensor, " row"], precursor_mass: Float64[Tensor, " row"]
    ) -> Float64[Tensor, "row ion"]:
        """Compute the term of each row in the m/z of each ion; ``step`` holds those of the sites.

        Parameters
        ----------
        read_mass, precursor_mass : Tensor [row], float64
            Mass of the residues read and of the precursor, both neutral, in Da.

        Returns
        -------
        Tensor [row, ion], float64
            m/z in Th of a site with nothing between it and what has been read.
        """
        of_precursor = torch.addcmul(self.start, precursor_mass[:, None], self.share)
        return torch.addcmul(of_precursor, read_mass[:, None], self.slope)
