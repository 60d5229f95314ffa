"""Fragment evidence: what the spectrum says about each residue that might come next."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, IonType, Vocabulary, immonium_mz, parse_tolerance
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.protocol import Direction
from denovo.typing import Float, Float64, Tensor

_N_LOOKAHEAD = 4
_N_REMAINING = 6

_MISS = -40.0
"""Exponent below which a closeness is as good as 0: 4e-18."""


def closeness(
    distance: Float[Tensor, "*shape"], width: Float[Tensor, "*#shape"] | float
) -> Float[Tensor, "*shape"]:
    """Return ``exp(-(distance / width)^2 / 2)``: 1 for a hit, 0 for a miss."""
    # In place after the first step: these are the largest tensors of the network. Exponentials that
    # underflow take a CPU sixty times longer than others, and most are of misses.
    return (distance / width).square_().mul_(-0.5).clamp_(min=_MISS).exp_()


class FragmentEvidence(nn.Module):
    """Features of every candidate residue after every prefix, from peaks and masses alone.

    A prefix of mass ``m`` and a candidate ``r`` predict a cleavage site, and with it the m/z of one
    fragment per ion type. The nearest peak to each becomes features: how close it is, at several
    tolerances, and how high. Where the site itself is silent, the best site one residue further on
    speaks for the candidate. What would be left of the precursor mass says where peptides can end.

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens; its ``candidates`` and EOS are scored.
    direction : "forward" or "backward"
        Which terminus the prefix starts from.
    ions : sequence of str
        Ion types to look up (see `IonType.parse`).
    tolerances : sequence of str
        Widths of the closeness features, such as ``"4 ppm"``.
    height_tolerances : sequence of str
        Widths of the features that are multiplied by the height of the peak.
    lookahead_ions : sequence of str
        Ion types of the two-residue look-ahead; none switches it off.
    lookahead_tolerance : str
        Width of the look-ahead.
    use_remaining : bool
        Whether to compare the remaining mass with nothing and with single residues.
    precursor_tolerance : str
        Width of those comparisons.

    Notes
    -----
    The idea of features per candidate is that of PointNovo (Qiao et al., Nat. Mach. Intell. 3, 420
    (2021), doi:10.1038/s42256-021-00304-3).
    """

    candidate_mass: Tensor
    pair_mass: Tensor
    pair_index: Tensor
    residue_mass: Tensor

    def __init__(
        self,
        vocabulary: Vocabulary,
        direction: Direction,
        ions: Sequence[str],
        tolerances: Sequence[str],
        height_tolerances: Sequence[str],
        lookahead_ions: Sequence[str],
        lookahead_tolerance: str,
        use_remaining: bool,
        precursor_tolerance: str,
    ) -> None:
        super().__init__()
        self.direction: Direction = direction
        self.ions = [IonType.parse(name) for name in ions]
        self.lookahead_ions = [IonType.parse(name) for name in lookahead_ions]
        self.tolerances = [parse_tolerance(text) for text in tolerances]
        self.height_tolerances = [parse_tolerance(text) for text in height_tolerances]
        self.lookahead_tolerance = parse_tolerance(lookahead_tolerance)
        self.precursor_tolerance = parse_tolerance(precursor_tolerance)
        self.use_remaining = use_remaining
        self._register_masses(vocabulary)

    def _register_masses(self, vocabulary: Vocabulary) -> None:
        candidates = vocabulary.masses[vocabulary.candidates]
        residues = candidates[~vocabulary.is_n_terminal[vocabulary.candidates]]
        pairs = candidates[:, None] + residues[None, :]
        # G + A and A + G lead to the same site: look each distinct pair mass up once.
        distinct, index = torch.unique((pairs * 1e6).round(), return_inverse=True)
        pair_mass = torch.zeros(len(distinct), dtype=torch.float64)
        pair_mass[index.flatten()] = pairs.flatten()
        buffers = {
            "candidate_mass": candidates,
            "residue_mass": residues,
            "pair_mass": pair_mass,
            "pair_index": index,
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def n_candidates(self) -> int:
        """Number of candidate residues, without EOS."""
        return len(self.candidate_mass)

    @property
    def n_ion_features(self) -> int:
        """Features per candidate that come from its own cleavage site."""
        return len(self.ions) * (len(self.tolerances) + len(self.height_tolerances))

    @property
    def n_features(self) -> int:
        """Features per candidate in all."""
        lookahead = _N_LOOKAHEAD if self.lookahead_ions else 0
        return self.n_ion_features + lookahead + (_N_REMAINING if self.use_remaining else 0)

    @torch.no_grad()
    def forward(
        self,
        peaks: PeakLookup,
        read_mass: Float64[Tensor, "batch length"],
        precursor_mass: Float64[Tensor, " batch"],
    ) -> Float[Tensor, "batch length candidate feature"]:
        """Compute the features of all candidates and, last, of EOS.

        Parameters
        ----------
        peaks : PeakLookup
            Peaks of the batch.
        read_mass : Tensor [batch, length], float64
            Sum in Da of the residues read before each position, from either terminus.
        precursor_mass : Tensor [batch], float64
            Neutral precursor mass in Da.

        Returns
        -------
        Tensor [batch, length, candidate + 1, feature], float32
            In [0, 1] or binary.
        """
        site = read_mass[..., None] + self.candidate_mass  # [batch, length, candidate]
        parts = [self._ion_features(peaks, site, precursor_mass)]
        if self.lookahead_ions:
            parts.append(self._lookahead(peaks, read_mass, precursor_mass))
        evidence = torch.cat(parts, dim=-1)
        # Ending the peptide makes no new site: only the remaining mass speaks for EOS.
        evidence = nn.functional.pad(evidence, (0, 0, 0, 1))
        if not self.use_remaining:
            return evidence
        after = torch.cat([site, read_mass[..., None]], dim=-1)
        return torch.cat([evidence, self._remaining(after, precursor_mass)], dim=-1)

    def _nearest(
        self,
        peaks: PeakLookup,
        ions: Sequence[IonType],
        site: Float64[Tensor, "batch length candidate"],
        precursor_mass: Float64[Tensor, " batch"],
    ) -> tuple[Tensor, Tensor, Tensor]:
        total = precursor_mass[:, None, None]
        prefix = site if self.direction == "forward" else total - WATER_MASS - site
        mz = torch.stack([ion.mz(prefix, total) for ion in ions], dim=-1).float()
        distance, height = peaks.nearest(mz.flatten(1))
        return mz, distance.view_as(mz), height.view_as(mz)

    def _ion_features(
        self,
        peaks: PeakLookup,
        site: Float64[Tensor, "batch length candidate"],
        precursor_mass: Float64[Tensor, " batch"],
    ) -> Float[Tensor, "batch length candidate feature"]:
        mz, distance, height = self._nearest(peaks, self.ions, site, precursor_mass)
        features = [closeness(distance, t.half_width(mz)) for t in self.tolerances]
        for tolerance in self.height_tolerances:
            same = (
                features[self.tolerances.index(tolerance)]
                if tolerance in self.tolerances
                else (closeness(distance, tolerance.half_width(mz)))
            )
            features.append(same * height)
        return torch.cat(features, dim=-1)

    def _lookahead(
        self,
        peaks: PeakLookup,
        read_mass: Float64[Tensor, "batch length"],
        precursor_mass: Float64[Tensor, " batch"],
    ) -> Float[Tensor, "batch length candidate feature"]:
        site = read_mass[..., None] + self.pair_mass
        mz, distance, height = self._nearest(peaks, self.lookahead_ions, site, precursor_mass)
        # A hit counts half for being there and half for its height.
        hit = closeness(distance, self.lookahead_tolerance.half_width(mz))
        n_term, c_term = self._by_terminus(hit * (0.5 + 0.5 * height))
        kinds = torch.stack([n_term + c_term, n_term, c_term], dim=2)
        # [batch, length, kind, candidate, residue]
        by_residue = kinds.index_select(-1, self.pair_index.flatten()).unflatten(
            -1, self.pair_index.shape
        )
        best_two = by_residue[:, :, 0].topk(2, dim=-1).values
        best = by_residue[:, :, 1:].amax(dim=-1)
        return torch.cat([best_two, best.transpose(2, 3)], dim=-1)

    def _by_terminus(self, hit: Float[Tensor, "*site ion"]) -> tuple[Tensor, Tensor]:
        zero = torch.zeros_like(hit[..., 0])
        n_term = [hit[..., i] for i, ion in enumerate(self.lookahead_ions) if ion.is_n_terminal]
        c_term = [hit[..., i] for i, ion in enumerate(self.lookahead_ions) if not ion.is_n_terminal]
        return sum(n_term, zero), sum(c_term, zero)

    def _remaining(
        self,
        read_mass: Float64[Tensor, "batch length candidate"],
        precursor_mass: Float64[Tensor, " batch"],
    ) -> Float[Tensor, "batch length candidate feature"]:
        total = precursor_mass[:, None, None]
        left = total - WATER_MASS - read_mass
        width = self.precursor_tolerance.half_width(total)
        one = (left[..., None] - self.residue_mass).abs().amin(dim=-1)
        too_little = (left > 3 * width) & (left < self.residue_mass.min() - 3 * width)
        features = [
            closeness(left, width),
            closeness(left, 4 * width),
            closeness(one, width),
            closeness(one, 4 * width),
            (left < -3 * width).double(),
            too_little.double(),
        ]
        return torch.stack(features, dim=-1).float()


class ImmoniumEvidence(nn.Module):
    """Height of the immonium peak of each candidate residue.

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens.
    tolerance : str
        Width of the match.
    """

    mz: Tensor

    def __init__(self, vocabulary: Vocabulary, tolerance: str = "15 ppm") -> None:
        super().__init__()
        self.tolerance = parse_tolerance(tolerance)
        mz = immonium_mz(vocabulary.masses[vocabulary.candidates]).float()
        self.register_buffer("mz", mz.clamp(min=0.0), persistent=False)

    @torch.no_grad()
    def forward(self, peaks: PeakLookup) -> Float[Tensor, "batch candidate"]:
        """Look all immonium ions up; returns [batch, candidate] in [0, 1]."""
        mz = self.mz.expand(len(peaks.mz), -1)
        distance, height = peaks.nearest(mz)
        # Ppm windows shrink with m/z; 2 mTh is what instruments hold at the low end.
        return closeness(distance, self.tolerance.half_width(mz).clamp(min=2e-3)) * height
