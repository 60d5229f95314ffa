"""Look-ahead: the evidence of the fragmentation sites one residue further on."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import IonType, Tolerance
from denovo.models.evidence.lookup import Hits, PeakLookup, SiteIons, Widths
from denovo.spectra.sequencer_protocol import Direction
from denovo.typing import Float, Float64, Tensor


class Lookahead(nn.Module):
    """Score each candidate by the best sites that a second residue after it would make.

    ``candidate_mass`` holds the residues that may come next, ``residue_mass`` those that may follow
    them, in Da.
    """

    n_features = 4

    def __init__(
        self,
        ions: Sequence[IonType],
        tolerance: Tolerance,
        direction: Direction,
        candidate_mass: Float64[Tensor, " candidate"],
        residue_mass: Float64[Tensor, " residue"],
    ) -> None:
        super().__init__()
        self.widths = Widths([tolerance])
        self.n_candidates = len(candidate_mass)
        pairs = candidate_mass[:, None] + residue_mass[None, :]
        # G + A and A + G lead to the same site: look each distinct pair mass up once.
        distinct, index = torch.unique((pairs * 1e6).round(), return_inverse=True)
        pair_mass = torch.zeros(len(distinct), dtype=torch.float64)
        pair_mass[index.flatten()] = pairs.flatten()
        self.site_ions = SiteIons(ions, direction, pair_mass)
        self.n_sites = len(pair_mass)
        terminus = torch.tensor([0 if ion.is_n_terminal else 1 for ion in ions])
        place = terminus[:, None] * self.n_sites + torch.arange(self.n_sites)
        self.terminus = nn.Buffer(terminus, persistent=False)
        self.pair_index = nn.Buffer(index.flatten(), persistent=False)
        self.place = nn.Buffer(place.flatten(), persistent=False)

    def forward(
        self,
        peaks: PeakLookup,
        read_mass: Float64[Tensor, " row"],
        precursor_mass: Float64[Tensor, " row"],
    ) -> Float[Tensor, "feature candidate row"]:
        """Compute four features of each candidate.

        They are the best and the second best site by ions of both termini together, then the best
        site by ions of the N-terminus and of the C-terminus alone.
        """
        hits = peaks.near(self.site_ions(read_mass, precursor_mass), self.site_ions.step)
        hit = self._by_site(hits, len(read_mass))
        # Rows are the last axis, so that the following steps are vectorised over them.
        by_residue = hit.index_select(1, self.pair_index).unflatten(1, (self.n_candidates, -1))
        both = by_residue[0] + by_residue[1]  # [candidate, residue, row]
        best, best_residue = both.max(dim=1, keepdim=True)
        second = both.scatter_(1, best_residue, 0.0).amax(dim=1)
        return torch.cat([torch.stack([best.squeeze(1), second]), by_residue.amax(dim=2)])

    def _by_site(self, hits: Hits, n_rows: int) -> Float[Tensor, "terminus site row"]:
        # A hit counts 0.5, plus half its height.
        value = self.widths(hits.distance, hits.mz)[0].mul_(hits.height.mul(0.5).add_(0.5))
        place = self.place.index_select(0, hits.column) * n_rows + hits.row
        sums = value.new_zeros(2 * self.n_sites * n_rows).scatter_add_(0, place, value)
        return sums.view(2, self.n_sites, n_rows)
