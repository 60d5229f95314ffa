"""Evidence of the spectrum for every residue at every position of a draft."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, Vocabulary, parse_tolerance
from denovo.models.evidence.features import FragmentEvidence
from denovo.models.evidence.lookup import PeakLookup, closeness
from denovo.models.recursive.draft import Draft
from denovo.typing import Float, Float64, Tensor

_N_FIT = 2


class DraftEvidence(nn.Module):
    """Fragment evidence from both ends, and the fit of each residue to the precursor mass.

    At the first position the mass before it is known, at the last one the mass behind it. Each
    refinement step settles residues next to settled ones, so that the peptide grows from both ends.
    With ``use_fragments=False`` only the precursor mass is compared. See `FragmentEvidence` for the
    other parameters.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        use_fragments: bool,
        ions: Sequence[str],
        tolerances: Sequence[str],
        height_tolerances: Sequence[str],
        lookahead_ions: Sequence[str],
        lookahead_tolerance: str,
        precursor_tolerance: str,
    ) -> None:
        super().__init__()
        self.precursor_tolerance = parse_tolerance(precursor_tolerance)
        self.ends = nn.ModuleList(
            FragmentEvidence(
                vocabulary,
                direction,
                ions,
                tolerances,
                height_tolerances,
                lookahead_ions,
                lookahead_tolerance,
                use_remaining=True,
                precursor_tolerance=precursor_tolerance,
            )
            for direction in (("forward", "backward") if use_fragments else ())
        )
        masses = vocabulary.masses[vocabulary.candidates]
        # EOS has no mass.
        self.candidate_mass = nn.Buffer(nn.functional.pad(masses, (0, 1)), persistent=False)

    @property
    def n_candidates(self) -> int:
        """Number of candidates, EOS included."""
        return len(self.candidate_mass)

    @property
    def n_features(self) -> int:
        """Features per candidate."""
        return sum(end.n_features for end in self._ends()) + _N_FIT

    def reach(self, mz: float) -> float:
        """Return the largest distance between an ion and a peak that counts, both in Th."""
        return max((end.reach(mz) for end in self._ends()), default=0.0)

    def _ends(self) -> list[FragmentEvidence]:
        return [end for end in self.ends if isinstance(end, FragmentEvidence)]

    @torch.no_grad()
    def forward(
        self, peaks: PeakLookup, draft: Draft, precursor_mass: Float64[Tensor, " batch"]
    ) -> Float[Tensor, "batch length candidate feature"]:
        """Compute the features of all candidates and, last, of EOS; in [0, 1] or binary."""
        parts = [
            end(peaks, mass, precursor_mass)
            for end, mass in zip(self.ends, (draft.prefix, draft.suffix), strict=False)
        ]
        return torch.cat([*parts, self._fit(draft, precursor_mass)], dim=-1)

    def _fit(
        self, draft: Draft, precursor_mass: Float64[Tensor, " batch"]
    ) -> Float[Tensor, "batch length candidate feature"]:
        missing = precursor_mass[:, None] - WATER_MASS - draft.prefix - draft.suffix
        misfit = missing[..., None] - self.candidate_mass
        width = self.precursor_tolerance.half_width(precursor_mass[:, None, None])
        features = [closeness(misfit, width), closeness(misfit, 4 * width)]
        return torch.stack(features, dim=-1).float()
