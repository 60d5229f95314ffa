"""What the evidence sequencer remembers while it reads, hypothesis by hypothesis."""

from dataclasses import dataclass, replace

import torch

from denovo.models.evidence.lookup import PeakLookup
from denovo.typing import Float, Float64, Int, Tensor

_SAME_MASS = 1e-6
"""Da; prefixes closer than this are one to a mass spectrometer."""

_MASSES = 10**12
"""More steps of `_SAME_MASS` than the mass of any peptide."""


@dataclass(frozen=True)
class EvidenceState:
    """What is known after the residues read so far.

    Rows are hypotheses. Those of one spectrum share its peaks, and those that have read the same
    mass, whatever the residues, share the evidence of that prefix.

    Parameters
    ----------
    peaks : PeakLookup
        Peaks of the spectra, and the spectrum of each row.
    context : Tensor [spectrum, d_state]
        What the recurrent decoder is told of each spectrum.
    precursor_mass : Tensor [spectrum], float64
        Neutral mass in Da.
    read_mass : Tensor [row], float64
        Sum of the residues read, in Da.
    hidden : Tensor [row, d_state]
        Recurrent state.
    evidence : Tensor [prefix, candidate, feature]
        Features that the last choices were made on.
    prefix : Tensor [row], int64
        Which of them are those of each row.
    """

    peaks: PeakLookup
    context: Float[Tensor, "spectrum d_state"]
    precursor_mass: Float64[Tensor, " spectrum"]
    read_mass: Float64[Tensor, " row"]
    hidden: Float[Tensor, "row d_state"]
    evidence: Float[Tensor, "prefix candidate feature"]
    prefix: Int[Tensor, " row"]

    def select(self, index: Int[Tensor, " chosen"]) -> "EvidenceState":
        """Take rows by number, in order and with repetition."""
        return replace(
            self,
            peaks=self.peaks.select(index),
            read_mass=self.read_mass[index],
            hidden=self.hidden.index_select(0, index),
            prefix=self.prefix[index],
        )

    def after(
        self,
        read_mass: Float64[Tensor, " row"],
        hidden: Float[Tensor, "row d_state"],
        evidence: Float[Tensor, "prefix candidate feature"],
        prefix: Int[Tensor, " row"],
    ) -> "EvidenceState":
        """Return what is known when each row has read one residue more."""
        return replace(self, read_mass=read_mass, hidden=hidden, evidence=evidence, prefix=prefix)


def distinct_prefixes(
    spectrum: Int[Tensor, " row"], read_mass: Float64[Tensor, " row"]
) -> tuple[Int[Tensor, " prefix"], Int[Tensor, " row"]]:
    """Find the rows that ask the same of the same spectrum.

    A beam is full of permutations of the same residues, and evidence depends on their sum alone.

    Parameters
    ----------
    spectrum : Tensor [row], int64
        Spectrum of each row.
    read_mass : Tensor [row], float64
        Sum of the residues read, in Da.

    Returns
    -------
    first_row : Tensor [prefix], int64
        A row that has each prefix.
    prefix : Tensor [row], int64
        Prefix of each row.
    """
    steps = (read_mass / _SAME_MASS).round().long()
    distinct, prefix = torch.unique(spectrum * _MASSES + steps, return_inverse=True)
    rows = torch.arange(len(prefix), device=prefix.device)
    first_row = torch.full_like(distinct, len(prefix)).scatter_reduce_(0, prefix, rows, "amin")
    return first_row, prefix
