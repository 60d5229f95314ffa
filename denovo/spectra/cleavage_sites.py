"""Cleavage sites of peptides, and their coverage by fragments."""

from dataclasses import dataclass

import numpy as np

from denovo.chemistry import FIRST_RESIDUE, WATER_MASS, IonType, Vocabulary
from denovo.typing import Bool, Float64, Int, Tensor, ndarray


@dataclass(frozen=True)
class CleavageSites:
    """Cleavage sites of peptides.

    Parameters
    ----------
    prefix_mass : Tensor [peptide, site], float64
        Sum of the residue masses before each site in Da, N-terminal modification included.
    is_site : Tensor [peptide, site], bool
        True between two residues; False after an N-terminal modification and in padding.
    peptide_mass : Tensor [peptide], float64
        Neutral mass of each peptide in Da, from its residues.
    """

    prefix_mass: Float64[Tensor, "peptide site"]
    is_site: Bool[Tensor, "peptide site"]
    peptide_mass: Float64[Tensor, " peptide"]

    @classmethod
    def of(cls, tokens: Int[Tensor, "peptide length"], vocabulary: Vocabulary) -> "CleavageSites":
        """Compute the sites of peptides.

        Parameters
        ----------
        tokens : Tensor [peptide, length], int64
            Residues from the N-terminus, then EOS or padding; each column except the last is
            followed by a site.
        vocabulary : Vocabulary
            Masses of the tokens.
        """
        prefix = vocabulary.masses.to(tokens.device)[tokens].cumsum(dim=1)
        is_token = tokens >= FIRST_RESIDUE
        is_n_terminal = vocabulary.is_n_terminal.to(tokens.device)[tokens]
        is_site = is_token[:, 1:] & ~is_n_terminal[:, :-1]
        return cls(prefix[:, :-1], is_site, prefix[:, -1] + WATER_MASS)

    @property
    def ordinal(self) -> Int[Tensor, "peptide site"]:
        """Number of residues before each site."""
        return self.is_site.cumsum(dim=1)

    def mz(self, ion: IonType) -> Float64[Tensor, "peptide site"]:
        """Compute the m/z in Th of an ion at each site, also in padding."""
        return ion.mz(self.prefix_mass, self.peptide_mass[:, None])


def site_coverage(
    is_covered: Bool[ndarray, "peptide site"], is_site: Bool[ndarray, "peptide site"]
) -> Float64[ndarray, " peptide"]:
    """Compute the share of the cleavage sites that are covered; 1 for a peptide without sites."""
    n_sites = is_site.sum(axis=1)
    n_covered = (is_covered & is_site).sum(axis=1)
    return np.where(n_sites, n_covered / np.maximum(n_sites, 1), 1.0)


def max_missing_sites(
    is_covered: Bool[ndarray, "peptide site"], is_site: Bool[ndarray, "peptide site"]
) -> Int[ndarray, " peptide"]:
    """Count the cleavage sites in the longest run of missing fragmentation sites."""
    longest = running = np.zeros(len(is_site), dtype=np.int64)
    for is_missing in (is_site & ~is_covered).T:
        running = (running + 1) * is_missing
        longest = np.maximum(longest, running)
    return longest
