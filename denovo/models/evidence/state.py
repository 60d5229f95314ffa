"""Decoding state of the evidence sequencer."""

from dataclasses import dataclass, replace

import torch

from denovo.models.evidence.lookup import PeakLookup
from denovo.typing import Float, Float64, Int, Tensor

_SAME_MASS = 1e-6
"""Resolution in Da at which prefix masses count as equal."""

_MASSES = 10**12
"""More steps of `_SAME_MASS` than the mass of any peptide."""


@dataclass(frozen=True)
class EvidenceState:
    """State after the residues read so far; each row is a hypothesis.

    Rows of one spectrum share its peaks, its ``context`` for the GRU and its neutral
    ``precursor_mass`` in Da. Rows with the same ``read_mass``, in Da, share the ``evidence`` of
    that prefix, on which the last choices were based; ``prefix`` is the entry of each row.
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
        """Return the state after each row has read one more residue."""
        return replace(self, read_mass=read_mass, hidden=hidden, evidence=evidence, prefix=prefix)


def distinct_prefixes(
    spectrum: Int[Tensor, " row"], read_mass: Float64[Tensor, " row"]
) -> tuple[Int[Tensor, " prefix"], Int[Tensor, " row"]]:
    """Find the rows with the same spectrum and the same mass read, in Da.

    A beam holds many permutations of the same residues, and evidence depends on their sum alone.
    Returns a row that has each prefix, and the prefix of each row.
    """
    steps = (read_mass / _SAME_MASS).round().long()
    distinct, prefix = torch.unique(spectrum * _MASSES + steps, return_inverse=True)
    rows = torch.arange(len(prefix), device=prefix.device)
    first_row = torch.full_like(distinct, len(prefix)).scatter_reduce_(0, prefix, rows, "amin")
    return first_row, prefix
