"""Which fragments the peptides of a batch leave: m/z from their tokens."""

from dataclasses import dataclass

from denovo.chemistry import WATER_MASS, IonType, Vocabulary
from denovo.spectra.batch import LabelledSpectra
from denovo.typing import Bool, Float32, Float64, Int, Tensor


@dataclass(frozen=True)
class Ladder:
    """Cleavage sites of the peptides of a batch.

    Parameters
    ----------
    prefix_mass : Tensor [batch, site], float64
        Sum of the residue masses before each site in Da, N-terminal modification included.
    is_site : Tensor [batch, site], bool
        True where there is a site: between two residues, not behind an N-terminal modification.
    residue_mass : Tensor [batch, length], float64
        Mass of each token in Da; 0 for EOS and padding.
    mass : Tensor [batch], float64
        Neutral mass of each peptide in Da, from its residues.
    """

    prefix_mass: Float64[Tensor, "batch site"]
    is_site: Bool[Tensor, "batch site"]
    residue_mass: Float64[Tensor, "batch length"]
    mass: Float64[Tensor, " batch"]

    @classmethod
    def of(cls, batch: LabelledSpectra, vocabulary: Vocabulary) -> "Ladder":
        """Lay out the peptides of a batch."""
        device = batch.tokens.device
        masses = vocabulary.masses.to(device)[batch.tokens]
        is_n_terminal = vocabulary.is_n_terminal.to(device)[batch.tokens]
        # The last residue is followed by EOS at the latest, and by no site.
        is_site = batch.residue_mask[:, 1:-1] & ~is_n_terminal[:, :-2]
        prefix = masses.cumsum(dim=1)[:, :-2]
        return cls(prefix, is_site, masses, masses.sum(dim=1) + WATER_MASS)

    @property
    def ordinal(self) -> Int[Tensor, "batch site"]:
        """Residues before each site."""
        return self.is_site.cumsum(dim=1)

    def mz(self, ion: IonType) -> Float32[Tensor, "batch site"]:
        """Compute the m/z in Th that an ion has at each site, and at what is no site too."""
        return ion.mz(self.prefix_mass, self.mass[:, None]).float()
