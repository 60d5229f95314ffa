"""The training-free baseline: posteriors of the next residue over all peptides of the mass."""

from dataclasses import dataclass, replace

import torch
from torch import nn

from denovo.chemistry import EOS, SOS, WATER_MASS, Vocabulary
from denovo.models.evidence.lookup import PeakLookup, SiteIons
from denovo.models.reading_order import check_direction
from denovo.models.spectrum_graph.outcomes import (
    IONS,
    N_CHARGES,
    N_OUTCOMES,
    N_PLACES,
    classified_peaks,
    outcomes,
    places,
    sum_of_odds,
)
from denovo.models.spectrum_graph.paths import (
    ISOTOPES,
    LOWEST,
    STEP,
    WIDTH_PPM,
    completions_at,
    log_agreement,
    log_completions,
)
from denovo.spectra.batch import Spectra
from denovo.spectra.sequencer_protocol import IMPOSSIBLE, Direction
from denovo.typing import Bool, Float, Float64, Int, Tensor


@dataclass(frozen=True)
class GraphState:
    """State after the residues read so far.

    Each row has its spectrum in ``peaks`` and its ``read_mass`` in Da. Each spectrum has the result
    of `log_completions` (``ahead``), its neutral ``precursor_mass`` in Da and the group of its
    precursor ``charge``.
    """

    peaks: PeakLookup
    ahead: Float[Tensor, "spectrum bin"]
    precursor_mass: Float64[Tensor, " spectrum"]
    charge: Int[Tensor, " spectrum"]
    read_mass: Float64[Tensor, " row"]

    def select(self, index: Int[Tensor, " chosen"]) -> "GraphState":
        """Take rows by number, in order and with repetition."""
        return replace(self, peaks=self.peaks.select(index), read_mass=self.read_mass[index])


_N_NODE_IONS = 4
"""The first ions of `IONS`; each peak, interpreted as each of them, is a node of the graph."""
_DRIFT = 0.02
"""Error in Da of grid masses at the end of a peptide, from the rounding of residues."""
_SPREAD = 3
"""Bins on either side of the end that count."""
_HEAVIEST = 10_000.0
"""Highest mass of the grid in Da. The 40 residues that a search reads are lighter unless they are
heavily modified; heavier precursors get no prediction, which bounds the memory."""
_CELLS = 1 << 24
"""Bins of all spectra that are computed at once: 128 MiB for each of a few arrays."""


class SpectrumGraphSequencer(nn.Module):
    """Predict peptides without training.

    A site of a peptide has odds: how much more often the outcomes of its ions occur at true sites
    than at sums of wrong residues. With priors of residues the odds give a likelihood of each
    peptide, and the sum over all peptides of the mass gives a posterior of every next residue. The
    sum runs over a grid of masses, where residues are rounded and a peak also counts for its
    neighbours: read forward and backward, the log-probabilities of true peptides of noisy spectra
    differ by 0.6 in the median (by 2.8 in one of ten). Odds and priors are counts from simulated
    noisy spectra (``benchmarks/site_odds.py``).

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens and masses.
    direction : "forward" or "backward"
        Read from the N-terminus or from the C-terminus.
    temperature : float
        Factor on the log-odds of a site, whose ions depend on each other more than the odds model.

    Notes
    -----
    Spectrum graphs and odds against chance: Dancik et al., J. Comput. Biol. 6, 327 (1999),
    doi:10.1089/106652799318300. Odds of an ion given those it depends on: Frank and Pevzner, Anal.
    Chem. 77, 964 (2005), doi:10.1021/ac048788h.
    """

    n_refinements = 1

    def __init__(
        self, vocabulary: Vocabulary, direction: str = "forward", temperature: float | int = 1.0
    ) -> None:
        super().__init__()
        self.vocabulary, self.temperature = vocabulary, temperature
        self.direction: Direction = check_direction(direction)
        self.odds = nn.Buffer(torch.zeros(N_CHARGES, N_PLACES, len(IONS), 2, N_OUTCOMES))
        # Log-priors of tokens inside a peptide and at its C-terminus.
        even = torch.full((len(vocabulary),), -3.0)
        self.log_inner = nn.Buffer(even.clone())
        self.log_last = nn.Buffer(even.clone())
        candidates = vocabulary.candidates
        is_n_terminal = vocabulary.is_n_terminal[candidates]
        self.residues, self.modifications = candidates[~is_n_terminal], candidates[is_n_terminal]
        masses = vocabulary.masses
        self.mass = nn.Buffer(masses.clone(), persistent=False)
        self.residue_mass = nn.Buffer(masses[self.residues], persistent=False)
        self.modification_mass = nn.Buffer(masses[self.modifications], persistent=False)
        self.site_ions = SiteIons(IONS, self.direction, self.residue_mass)
        self.own_site = SiteIons(IONS, self.direction, torch.zeros(1, dtype=torch.float64))

    def initial_state(self, spectra: Spectra) -> GraphState:
        """Compute the completions of every mass; no residue is read yet."""
        peaks = classified_peaks(spectra)
        charge = (spectra.precursor_charge > 2).long()
        total = spectra.precursor_mass
        heaviest = min(total.max().item(), _HEAVIEST) if len(total) else WATER_MASS
        n_bins = int((heaviest - WATER_MASS) / STEP) + 2 * _SPREAD
        rows = torch.arange(len(total), device=total.device).split(max(1, _CELLS // n_bins))
        parts = [self._ahead(spectra.select(part), charge[part], n_bins) for part in rows]
        return GraphState(peaks, torch.cat(parts), total, charge, torch.zeros_like(total))

    def _ahead(
        self, spectra: Spectra, charge: Int[Tensor, " spectrum"], n_bins: int
    ) -> Float[Tensor, "spectrum bin"]:
        log_site = self._site_grid(classified_peaks(spectra), spectra, charge, n_bins)
        final = self._final(spectra.precursor_mass, n_bins)
        first = self.log_inner[self.residues].double()
        return log_completions(log_site, final, first, self.residue_mass)

    def next_residue_logits(
        self, state: GraphState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], GraphState]:
        """Read one token and score those that may follow; see `Sequencer`."""
        read = state.read_mass + self.mass[last_token]
        spectrum, is_first = state.peaks.spectrum, last_token == SOS
        total = state.precursor_mass[spectrum]
        logits = read.new_full((len(read), len(self.mass)), IMPOSSIBLE, dtype=torch.float32)
        logits[:, self.residues] = self._log_next(state, read, total, is_first)
        logits[:, EOS] = log_agreement(read, total).masked_fill(is_first, IMPOSSIBLE)
        if len(self.modifications) and (self.direction == "backward" or is_first.any()):
            logits[:, self.modifications] = self._log_modified(state, read, total, is_first)
        return logits, replace(state, read_mass=read)

    def _log_next(
        self,
        state: GraphState,
        read: Float64[Tensor, " row"],
        total: Float64[Tensor, " row"],
        is_first: Bool[Tensor, " row"],
    ) -> Float[Tensor, "row residue"]:
        """Add up the peptides that go on, or end, with each residue."""
        spectrum = state.peaks.spectrum
        after = read[:, None] + self.residue_mass
        inner, last = self._priors(is_first)
        log_site = self._log_odds(state.peaks, self.site_ions, read, total, state.charge[spectrum])
        going_on = inner + log_site + completions_at(state.ahead, spectrum, after)
        ending = last + self._log_end(after, total[:, None])
        return torch.logaddexp(going_on, ending).clamp(min=LOWEST)

    def _priors(
        self, is_first: Bool[Tensor, " row"]
    ) -> tuple[Float[Tensor, "row residue"], Float[Tensor, " residue"]]:
        """Return log-priors of the next residue if it is not the last one read, and if it is."""
        inside, c_terminal = self.log_inner[self.residues], self.log_last[self.residues]
        if self.direction == "forward":
            return inside.expand(len(is_first), -1), c_terminal
        return torch.where(is_first[:, None], c_terminal, inside), inside

    def _log_odds(
        self,
        peaks: PeakLookup,
        site_ions: SiteIons,
        read: Float64[Tensor, " row"],
        total: Float64[Tensor, " row"],
        charge: Int[Tensor, " row"],
    ) -> Float[Tensor, "row site"]:
        seen = outcomes(peaks, site_ions, read, total)
        step = self.residue_mass if site_ions is self.site_ions else torch.zeros_like(self.mass[:1])
        place = self._places(read[:, None] + step, total[:, None] - WATER_MASS)
        return sum_of_odds(self.odds, seen, charge, place) * self.temperature

    def _places(
        self, after: Float64[Tensor, "row site"], whole: Float64[Tensor, "#row #site"]
    ) -> Int[Tensor, "row site"]:
        return places(after if self.direction == "forward" else whole - after, whole)

    def _site_grid(
        self, peaks: PeakLookup, spectra: Spectra, charge: Int[Tensor, " spectrum"], n_bins: int
    ) -> Float[Tensor, "spectrum bin"]:
        """Compute the log-odds of a site in each bin: those of its best node, if it has one."""
        total = spectra.precursor_mass
        grid = torch.arange(n_bins, device=total.device, dtype=torch.float64) * STEP
        place = self._places(grid.expand(len(total), -1), total[:, None] - WATER_MASS)
        context = torch.arange(N_CHARGES * N_PLACES, device=total.device)
        silence = context.new_zeros(len(context), len(IONS), 1)
        of_charge, of_place = context // N_PLACES, (context % N_PLACES)[:, None]
        silent = sum_of_odds(self.odds, silence, of_charge, of_place).flatten()
        sites = silent[charge[:, None] * N_PLACES + place] * self.temperature
        row, mass = self._nodes(spectra)
        log_odds = self._log_odds(
            replace(peaks, spectrum=row), self.own_site, mass, total[row], charge[row]
        ).flatten()
        bins = (mass / STEP).round().long()[:, None] + torch.tensor([-1, 0, 1], device=mass.device)
        flat = (row[:, None] * n_bins + bins.clamp(0, n_bins - 1)).flatten()
        return (
            sites.view(-1)
            .scatter_reduce(0, flat, log_odds.repeat_interleave(3), "amax")
            .view_as(sites)
        )

    def _nodes(self, spectra: Spectra) -> tuple[Int[Tensor, " node"], Float64[Tensor, " node"]]:
        """Take each peak for each of the main ions, and return the masses read at these sites."""
        total = spectra.precursor_mass
        base = self.own_site(torch.zeros_like(total), total)[:, None, :_N_NODE_IONS]
        slope = self.own_site.slope[:_N_NODE_IONS]
        mass = (spectra.mz.double()[..., None] - base) / slope
        is_inside = (mass > 0) & (mass < (total - WATER_MASS)[:, None, None])
        row, peak, ion = (is_inside & spectra.peak_mask[..., None]).nonzero(as_tuple=True)
        return row, mass[row, peak, ion]

    def _final(
        self, total: Float64[Tensor, " spectrum"], n_bins: int
    ) -> Float64[Tensor, "spectrum bin"]:
        """Compute the likelihood that the next residue is the last, where it may be."""
        last = (self.log_last if self.direction == "forward" else self.log_inner)[self.residues]
        final = total.new_zeros(len(total), n_bins)
        for gap, share in self._ends():
            left = total[:, None] - WATER_MASS - gap - self.residue_mass
            place = (left / STEP).round()[..., None] + torch.arange(
                -_SPREAD, _SPREAD + 1, device=total.device
            )
            width = (total * WIDTH_PPM * 1e-6).square().add(_DRIFT**2).sqrt()
            off = (place * STEP - left[..., None]) / width[:, None, None]
            weight = share * (-off.square() / 2).exp() * last.double().exp()[:, None]
            weight = weight * ((place >= 0) & (place < n_bins))
            final.scatter_add_(1, place.long().clamp(0, n_bins - 1).flatten(1), weight.flatten(1))
        return final

    def _ends(self) -> list[tuple[float, float]]:
        """List how far below the precursor mass a reading may end, in Da, and the odds."""
        ends = list(ISOTOPES)
        if self.direction == "forward":
            return ends
        odds = self.log_inner[self.modifications].exp().tolist()
        masses = self.modification_mass.tolist()
        more = [
            (gap + m, share * p) for gap, share in ends for m, p in zip(masses, odds, strict=True)
        ]
        return ends + more

    def _log_end(
        self, after: Float64[Tensor, "row site"], total: Float64[Tensor, "#row #site"]
    ) -> Float[Tensor, "row site"]:
        """Compute the log-agreement of a reading that an N-terminal modification may follow."""
        ends = log_agreement(after, total)
        if self.direction == "backward":
            for token, mass in zip(
                self.modifications.tolist(), self.modification_mass.tolist(), strict=True
            ):
                modified = self.log_inner[token] + log_agreement(after + mass, total)
                ends = torch.logaddexp(ends, modified)
        return ends

    def _log_modified(
        self,
        state: GraphState,
        read: Float64[Tensor, " row"],
        total: Float64[Tensor, " row"],
        is_first: Bool[Tensor, " row"],
    ) -> Float[Tensor, "row modification"]:
        """Score modifications of the N-terminus at positions where one may be read."""
        if self.direction == "backward":
            after = read[:, None] + self.modification_mass
            ahead, may_be = log_agreement(after, total[:, None]), ~is_first
        else:
            # One modification at a time: a negative mass lies outside the grid.
            columns = [
                self._log_next(state, read + mass, total, ~is_first).logsumexp(dim=1)
                for mass in self.modification_mass.tolist()
            ]
            ahead, may_be = torch.stack(columns, dim=1), is_first
        logits = self.log_inner[self.modifications] + ahead
        return logits.masked_fill(~may_be[:, None], IMPOSSIBLE)
