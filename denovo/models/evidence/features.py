"""Fragment evidence: features of each candidate residue from the peaks of the spectrum."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, IonType, Vocabulary, immonium_mz, parse_tolerance
from denovo.models.evidence.lookahead import Lookahead
from denovo.models.evidence.lookup import (
    MISS,
    REACH,
    Hits,
    PeakLookup,
    SiteIons,
    Widths,
    closeness,
)
from denovo.spectra.sequencer_protocol import Direction
from denovo.typing import Float, Float64, Tensor

_N_REMAINING = 6

_MIN_WIDTH = 2e-3
"""Smallest width in Th: the accuracy of instruments at low m/z, where ppm windows are narrower."""


class FragmentEvidence(nn.Module):
    """Features of every candidate residue after every prefix, from peaks and masses alone.

    A prefix of mass ``m`` and a candidate ``r`` predict a cleavage site, and with it the m/z of one
    fragment per ion type. The nearest peak to each becomes features: its closeness at several
    tolerances, and its height. The look-ahead scores a candidate with a missing fragmentation site
    by the best site one residue further on. The remaining precursor mass shows where peptides can
    end.

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens; its ``candidates`` and EOS are scored.
    direction : "forward" or "backward"
        Terminus from which the prefix starts.
    ions : sequence of str
        Ion types to look up (see `IonType.parse`).
    tolerances : sequence of str
        Widths of the closeness features, for example ``"4 ppm"``.
    height_tolerances : sequence of str
        Widths of the features that are multiplied by the height of the peak.
    lookahead_ions : sequence of str
        Ion types of the two-residue look-ahead; an empty sequence switches it off.
    lookahead_tolerance : str
        Width of the look-ahead.
    use_remaining : bool
        Whether to compare the remaining mass with zero and with single residues.
    precursor_tolerance : str
        Width of those comparisons.

    Notes
    -----
    Features per candidate follow PointNovo (Qiao et al., Nat. Mach. Intell. 3, 420 (2021),
    doi:10.1038/s42256-021-00304-3).
    """

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
        plain = [parse_tolerance(text) for text in tolerances]
        high = [parse_tolerance(text) for text in height_tolerances]
        self.n_plain = len(plain)
        self.widths = Widths(list(dict.fromkeys([*plain, *high])))
        self.precursor_tolerance = parse_tolerance(precursor_tolerance)
        self.use_remaining = use_remaining
        candidates = vocabulary.masses[vocabulary.candidates]
        residues = candidates[~vocabulary.is_n_terminal[vocabulary.candidates]]
        self.n_candidates = len(candidates)
        self.site_ions = SiteIons([IonType.parse(name) for name in ions], direction, candidates)
        ahead = [IonType.parse(name) for name in lookahead_ions]
        width = parse_tolerance(lookahead_tolerance)
        self.lookahead = Lookahead(ahead, width, direction, candidates, residues) if ahead else None
        # EOS has no mass.
        self.after_mass = nn.Buffer(nn.functional.pad(candidates, (0, 1)), persistent=False)
        residues = residues.sort().values
        self.residue_mass = nn.Buffer(residues, persistent=False)
        self.between_residues = nn.Buffer((residues[1:] + residues[:-1]) / 2, persistent=False)
        self._add_places([self.widths.tolerances.index(t) for t in (*plain, *high)])

    def _add_places(self, width_of_block: list[int]) -> None:
        """Compute where the features of each query are written: a block of ions for each width."""
        n_ions = len(self.site_ions.start)
        self.n_ion_features = n_ions * len(width_of_block)
        candidate = torch.arange(self.n_candidates) * self.n_features
        place = (torch.arange(n_ions)[:, None] + candidate).flatten()
        block = (torch.arange(len(width_of_block)) * n_ions)[:, None]
        self.place = nn.Buffer(place, persistent=False)
        self.block = nn.Buffer(block, persistent=False)
        self.width_of_block = nn.Buffer(
            torch.tensor(width_of_block, dtype=torch.long), persistent=False
        )
        self.falls = nn.Buffer(torch.tensor([-1 / 2, -1 / 32]), persistent=False)

    @property
    def n_features(self) -> int:
        """Number of features per candidate."""
        lookahead = 0 if self.lookahead is None else self.lookahead.n_features
        return self.n_ion_features + lookahead + (_N_REMAINING if self.use_remaining else 0)

    def reach(self, mz: float) -> float:
        """Return the largest distance between an ion and a peak that counts, both in Th."""
        tolerances = list(self.widths.tolerances)
        tolerances += [] if self.lookahead is None else self.lookahead.widths.tolerances
        return REACH * max((tolerance.half_width(mz) for tolerance in tolerances), default=0.0)

    @torch.no_grad()
    def forward(
        self,
        peaks: PeakLookup,
        read_mass: Float64[Tensor, "batch length"],
        precursor_mass: Float64[Tensor, " batch"],
    ) -> Float[Tensor, "batch length candidate feature"]:
        """Compute the features of all candidates and, last, of EOS; in [0, 1] or binary.

        ``read_mass`` is the sum in Da of the residues read before each position, ``precursor_mass``
        the neutral mass in Da.
        """
        length = read_mass.shape[1]
        peaks, read = peaks.repeat(length), read_mass.flatten()
        total = precursor_mass.repeat_interleave(length)
        features = self._on_cpu if read.device.type == "cpu" else self._on_device
        return features(peaks, read, total).unflatten(0, read_mass.shape)

    def _on_device(
        self,
        peaks: PeakLookup,
        read_mass: Float64[Tensor, " row"],
        precursor_mass: Float64[Tensor, " row"],
    ) -> Float[Tensor, "row candidate feature"]:
        """Compute the features by operations on tensors."""
        n_ion, n_after = self.n_ion_features, self.n_candidates
        # EOS makes no new site: its only evidence is the remaining mass.
        shape = len(read_mass), n_after + 1, self.n_features
        evidence = torch.zeros(shape, device=read_mass.device)
        if len(self.block) > 0:
            sites = self.site_ions(read_mass, precursor_mass)
            self._write_ions(evidence, peaks.near(sites, self.site_ions.step))
        if self.lookahead is not None:
            ahead = self.lookahead(peaks, read_mass, precursor_mass).permute(2, 1, 0)
            evidence[:, :n_after, n_ion : n_ion + ahead.shape[2]] = ahead
        if self.use_remaining:
            self._write_remaining(evidence[..., -_N_REMAINING:], read_mass, precursor_mass)
        return evidence

    def _on_cpu(
        self,
        peaks: PeakLookup,
        read_mass: Float64[Tensor, " row"],
        precursor_mass: Float64[Tensor, " row"],
    ) -> Float[Tensor, "row candidate feature"]:
        """Compute the features by the kernel."""
        from denovo.models.evidence.kernels import Ahead, Ions, Peaks, Remaining, write_evidence

        bits, per_th = peaks.near_bits.numpy(), 1 / peaks.bin_width
        nothing = torch.zeros(0, dtype=torch.float64)
        ahead, ahead_of_row = Ahead.nothing(), torch.zeros(len(read_mass), 0, dtype=torch.float64)
        if self.lookahead is not None:
            ahead = Ahead.of(self.lookahead)
            ahead_of_row = self.lookahead.site_ions(read_mass, precursor_mass)
        evidence = torch.empty(len(read_mass), self.n_candidates + 1, self.n_features)
        write_evidence(
            peaks.spectrum.numpy(),
            Peaks(peaks.mz.numpy(), peaks.height.numpy(), bits, per_th),
            self.site_ions(read_mass, precursor_mass).numpy(),
            Ions(
                self.site_ions.step.numpy(),
                self.widths.fixed[:, 0].numpy(),
                self.widths.share[:, 0].numpy(),
                self.width_of_block.numpy(),
                self.n_plain,
            ),
            ahead_of_row.numpy(),
            ahead,
            (precursor_mass - WATER_MASS - read_mass).numpy(),
            self.precursor_tolerance.half_width(precursor_mass).numpy(),
            Remaining(
                (self.after_mass if self.use_remaining else nothing).numpy(),
                self.residue_mass.numpy(),
                self.between_residues.numpy(),
                self.falls.numpy(),
            ),
            evidence.numpy(),
        )
        return evidence

    def _write_ions(self, evidence: Float[Tensor, "row candidate feature"], hits: Hits) -> None:
        close = self.widths(hits.distance, hits.mz)
        values = close.index_select(0, self.width_of_block)
        values[self.n_plain :] *= hits.height
        first = self.place.index_select(0, hits.column) + hits.row * evidence[0].numel()
        evidence.view(-1).scatter_(0, (self.block + first).view(-1), values.view(-1))

    def _write_remaining(
        self,
        features: Float[Tensor, "row candidate feature"],
        read_mass: Float64[Tensor, " row"],
        precursor_mass: Float64[Tensor, " row"],
    ) -> None:
        left = (precursor_mass - WATER_MASS - read_mass)[:, None] - self.after_mass
        per_width = self.precursor_tolerance.half_width(precursor_mass).reciprocal_()[:, None]
        nearest = self.residue_mass[torch.bucketize(left, self.between_residues)]
        # The differences need float64, further steps only float32.
        widths = torch.stack([left, left - nearest], dim=-1).mul_(per_width[..., None]).float()
        bells = (widths.square()[..., None] * self.falls).clamp_(min=MISS).exp_()
        features[..., :4] = bells.flatten(2)
        left = widths[..., 0]
        least = (self.residue_mass[0] * per_width).float()
        features[..., 4] = left < -3
        features[..., 5] = (left > 3) & (left < least - 3)


class ImmoniumEvidence(nn.Module):
    """Height of the immonium peak of each candidate residue, matched within ``tolerance``."""

    def __init__(self, vocabulary: Vocabulary, tolerance: str = "15 ppm") -> None:
        super().__init__()
        self.tolerance = parse_tolerance(tolerance)
        mz = immonium_mz(vocabulary.masses[vocabulary.candidates])
        self.mz = nn.Buffer(mz.clamp(min=0.0), persistent=False)

    def reach(self, mz: float) -> float:
        """Return the largest distance between an immonium ion and a peak that counts, in Th."""
        return REACH * max(self.tolerance.half_width(mz), _MIN_WIDTH)

    @torch.no_grad()
    def forward(self, peaks: PeakLookup) -> Float[Tensor, "batch candidate"]:
        """Look up all immonium ions; heights are in [0, 1]."""
        nothing = self.mz.new_zeros(len(peaks.spectrum), 1)
        hits = peaks.near(nothing, self.mz[None])
        width = self.tolerance.half_width(hits.mz).clamp_(min=_MIN_WIDTH)
        heights = torch.zeros(len(nothing), len(self.mz), device=self.mz.device)
        heights[hits.row, hits.column] = closeness(hits.distance, width) * hits.height
        return heights
