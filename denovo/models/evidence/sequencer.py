"""The default sequencer: fragment evidence, a recurrent decoder and a shared candidate scorer."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, Vocabulary
from denovo.errors import InputError
from denovo.models.evidence.features import FragmentEvidence, ImmoniumEvidence
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.evidence.scorer import CandidateScorer
from denovo.models.protocol import Direction
from denovo.models.reading_order import check_direction, reading_positions
from denovo.models.sinusoids import SinusoidalEmbedding
from denovo.spectra import LabelledSpectra, Spectra
from denovo.typing import Float, Float64, Int, Tensor

MAX_CHARGE = 8


@dataclass(frozen=True)
class EvidenceState:
    """What the recurrent decoder knows after the residues read so far.

    Parameters
    ----------
    peaks : PeakLookup
        Peaks of the spectra.
    context : Tensor [batch, d_context]
        Features of the whole spectrum.
    precursor_mass : Tensor [batch], float64
        Neutral mass in Da.
    read_mass : Tensor [batch], float64
        Sum of the residues read, in Da.
    hidden : Tensor [batch, d_state]
        Recurrent state.
    evidence : Tensor [batch, candidate, feature]
        Features that the last choice was made on.
    """

    peaks: PeakLookup
    context: Float[Tensor, "batch d_context"]
    precursor_mass: Float64[Tensor, " batch"]
    read_mass: Float64[Tensor, " batch"]
    hidden: Float[Tensor, "batch d_state"]
    evidence: Float[Tensor, "batch candidate feature"]

    def select(self, index: Int[Tensor, " chosen"]) -> "EvidenceState":
        """Take rows by number, in order and with repetition."""
        return EvidenceState(
            self.peaks.select(index),
            self.context[index],
            self.precursor_mass[index],
            self.read_mass[index],
            self.hidden[index],
            self.evidence[index],
        )


class EvidenceSequencer(nn.Module):
    """Score each candidate residue by what the spectrum says about it.

    At every position a GRU reads the evidence of all candidates, the evidence of the residue read
    last, and where in the peptide it stands. One small network, shared by all candidates, turns the
    evidence of a candidate and the state into its logit.

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens and masses.
    direction : "forward" or "backward"
        Read from the N-terminus or from the C-terminus.
    ions, tolerances, height_tolerances, lookahead_ions, lookahead_tolerance, use_remaining,
    precursor_tolerance
        See `FragmentEvidence`.
    use_immonium : bool
        Whether immonium peaks are part of the context.
    d_state : int
        Width of the GRU.
    d_scorer : int
        Width of the candidate scorer.
    d_mass : int
        Width of the sinusoids of the mass read and of the mass left.
    d_summary : int
        Numbers that the GRU is told of each candidate.
    """

    n_refinements = 1
    token_mass: Tensor

    def __init__(
        self,
        vocabulary: Vocabulary,
        direction: str = "forward",
        ions: Sequence[str] = ("b", "y", "b2", "y2", "a", "b-H2O", "y-H2O", "b+i", "y+i"),
        tolerances: Sequence[str] = ("4 ppm", "15 ppm", "0.03 Da"),
        height_tolerances: Sequence[str] = ("15 ppm", "0.03 Da"),
        lookahead_ions: Sequence[str] = ("b", "y"),
        lookahead_tolerance: str = "15 ppm",
        use_remaining: bool = True,
        precursor_tolerance: str = "5 ppm",
        use_immonium: bool = True,
        d_state: int = 192,
        d_scorer: int = 48,
        d_mass: int = 32,
        d_summary: int = 8,
    ) -> None:
        super().__init__()
        if not ions:
            raise InputError("model=evidence needs at least one ion type in model.ions, got none")
        self.vocabulary = vocabulary
        self.direction: Direction = check_direction(direction)
        self.evidence = FragmentEvidence(
            vocabulary,
            self.direction,
            ions,
            tolerances,
            height_tolerances,
            lookahead_ions,
            lookahead_tolerance,
            use_remaining,
            precursor_tolerance,
        )
        self.immonium = ImmoniumEvidence(vocabulary) if use_immonium else None
        self.mass_embedding = SinusoidalEmbedding(d_mass)
        n_candidates = self.evidence.n_candidates + 1  # EOS is the last candidate
        n_features = self.evidence.n_features
        d_context = (MAX_CHARGE + 1) + 2 + (n_candidates - 1 if use_immonium else 0)
        self.residue_embedding = nn.Embedding(len(vocabulary), d_scorer)
        self.summarise = nn.Linear(n_features, d_summary)
        self.read_evidence = nn.Linear(n_candidates * d_summary, d_state)
        self.read_other = nn.Linear(n_features + d_scorer + 2 * d_mass + d_context, d_state)
        self.gru = nn.GRU(d_state, d_state, batch_first=True)
        self.scorer = CandidateScorer(vocabulary, n_features, d_state, d_scorer)
        self.register_buffer("token_mass", vocabulary.masses.clone(), persistent=False)

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "1 batch length vocab"]:
        """Compute the logits of every position, each from the residues read before it."""
        order = reading_positions(batch.n_residues, batch.tokens.shape[1], self.direction)
        tokens = batch.tokens.gather(1, order)
        # What was read before position t: SOS at 0, then the tokens up to t - 1.
        last = torch.cat([torch.ones_like(tokens[:, :1]), tokens[:, :-1]], dim=1)
        read_mass = self.token_mass[last].cumsum(dim=1)
        state = self.initial_state(batch.spectra)
        evidence = self.evidence(state.peaks, read_mass, state.precursor_mass)
        before = torch.cat([torch.zeros_like(evidence[:, :1]), evidence[:, :-1]], dim=1)
        inputs = self._recurrent_input(state, evidence, before, last, read_mass)
        hidden, _ = self.gru(inputs)
        logits = self._score(evidence, hidden)
        in_place = logits.gather(1, order[..., None].expand_as(logits))
        return in_place[None]

    def initial_state(self, spectra: Spectra) -> EvidenceState:
        """Prepare decoding: nothing read yet."""
        peaks = PeakLookup.of(spectra, self._reach)
        batch, n_features = len(spectra), self.evidence.n_features
        device = spectra.mz.device
        return EvidenceState(
            peaks,
            self._context(spectra, peaks),
            spectra.precursor_mass,
            torch.zeros(batch, dtype=torch.float64, device=device),
            torch.zeros(batch, self.gru.hidden_size, device=device),
            torch.zeros(batch, self.evidence.n_candidates + 1, n_features, device=device),
        )

    def next_residue_logits(
        self, state: EvidenceState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], EvidenceState]:
        """Read one token and score those that may follow; see `Sequencer`."""
        read_mass = state.read_mass + self.token_mass[last_token]
        evidence = self.evidence(state.peaks, read_mass[:, None], state.precursor_mass)
        inputs = self._recurrent_input(
            state, evidence, state.evidence[:, None], last_token[:, None], read_mass[:, None]
        )
        hidden, _ = self.gru(inputs, state.hidden[None])
        logits = self._score(evidence, hidden)
        read = EvidenceState(
            state.peaks,
            state.context,
            state.precursor_mass,
            read_mass,
            hidden[:, 0],
            evidence[:, 0],
        )
        return logits[:, 0], read

    def _reach(self, mz: float) -> float:
        of_immonium = 0.0 if self.immonium is None else self.immonium.reach(mz)
        return max(self.evidence.reach(mz), of_immonium)

    def _context(self, spectra: Spectra, peaks: PeakLookup) -> Float[Tensor, "batch d_context"]:
        charge = spectra.precursor_charge.clamp(max=MAX_CHARGE)
        parts = [
            nn.functional.one_hot(charge, MAX_CHARGE + 1).float(),
            (spectra.precursor_mass / 1000).float()[:, None],
            (spectra.peak_mask.sum(dim=1, keepdim=True) / 100).float(),
        ]
        if self.immonium is not None:
            parts.append(self.immonium(peaks))
        return torch.cat(parts, dim=-1)

    def _recurrent_input(
        self,
        state: EvidenceState,
        evidence: Float[Tensor, "batch length candidate feature"],
        before: Float[Tensor, "batch length candidate feature"],
        last: Int[Tensor, "batch length"],
        read_mass: Float64[Tensor, "batch length"],
    ) -> Float[Tensor, "batch length d_state"]:
        chosen = self.scorer.candidate_of_token[last][..., None, None]
        confirmed = before.gather(2, chosen.expand(-1, -1, 1, before.shape[-1])).squeeze(2)
        left = state.precursor_mass[:, None] - WATER_MASS - read_mass
        others = [
            confirmed,
            self.residue_embedding(last),
            self.mass_embedding(read_mass),
            self.mass_embedding(left),
            state.context[:, None].expand(-1, last.shape[1], -1),
        ]
        summary = torch.relu(self.summarise(evidence)).flatten(2)
        mixed = self.read_evidence(summary) + self.read_other(torch.cat(others, dim=-1))
        return torch.relu(mixed)

    def _score(
        self,
        evidence: Float[Tensor, "batch length candidate feature"],
        hidden: Float[Tensor, "batch length d_state"],
    ) -> Float[Tensor, "batch length vocab"]:
        embedding = self.residue_embedding(self.scorer.candidate_token)
        return self.scorer(evidence, hidden, embedding)
