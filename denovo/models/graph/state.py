"""What the spectrum graph remembers of the residues read so far."""

from dataclasses import dataclass, replace

from denovo.models.evidence.lookup import PeakLookup
from denovo.models.graph.paths import Completions
from denovo.typing import Float64, Int, Tensor


@dataclass(frozen=True)
class GraphState:
    """What is known after the residues read so far.

    Parameters
    ----------
    peaks : PeakLookup
        Classified peaks, and the spectrum of each row.
    ahead : Completions
        Of each spectrum.
    precursor_mass : Tensor [spectrum], float64
        Neutral mass in Da.
    charge : Tensor [spectrum], int64
        Group of the precursor charge.
    read_mass : Tensor [row], float64
        Sum of the residues read, in Da.
    """

    peaks: PeakLookup
    ahead: Completions
    precursor_mass: Float64[Tensor, " spectrum"]
    charge: Int[Tensor, " spectrum"]
    read_mass: Float64[Tensor, " row"]

    def select(self, index: Int[Tensor, " chosen"]) -> "GraphState":
        """Take rows by number, in order and with repetition."""
        return replace(self, peaks=self.peaks.select(index), read_mass=self.read_mass[index])
