"""The default sequencer: fragment evidence, a recurrent decoder and a shared candidate scorer."""

from collections.abc import Sequence

import torch
from torch import nn

from denovo.chemistry import WATER_MASS, Vocabulary
from denovo.errors import InputError
from denovo.models.embeddings import N_PRECURSOR_FEATURES, SinusoidalEmbedding, precursor_features
from denovo.models.evidence.features import FragmentEvidence, ImmoniumEvidence
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.evidence.scorer import CandidateScorer
from denovo.models.evidence.state import EvidenceState, distinct_prefixes
from denovo.models.reading_order import check_direction, reading_positions
from denovo.models.token_axes import TokenAxis
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.spectra.sequencer_protocol import Direction
from denovo.typing import Float, Float64, Int, Tensor

IONS = (
    *("b", "y", "b2", "y2", "a"),
    *("b-H2O", "y-H2O", "y2-H2O", "b-NH3", "y-NH3"),
    *("b+i", "y+i", "b2+i", "y2+i"),
)
"""Default ion types."""


class EvidenceSequencer(nn.Module):
    """Score each candidate residue by the evidence of the spectrum.

    At every position a GRU reads the evidence of all candidates, the evidence of the last residue,
    and the masses before and after the position. One small network, shared by all candidates,
    computes the logit of a candidate from its evidence and the state.

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
        Width of the sinusoids of the mass read and of the remaining mass.
    d_summary : int
        Numbers per candidate in the input of the GRU.
    """

    n_refinements = 1

    def __init__(
        self,
        vocabulary: Vocabulary,
        direction: str = "forward",
        ions: Sequence[str] = IONS,
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
        d_context = N_PRECURSOR_FEATURES + (n_candidates - 1 if use_immonium else 0)
        self.residue_embedding = nn.Embedding(len(vocabulary), d_scorer)
        self.summarise = nn.Linear(n_features, d_summary)
        self.read_evidence = nn.Linear(n_candidates * d_summary, d_state)
        self.read_other = nn.Linear(n_features + d_scorer + 2 * d_mass + d_context, d_state)
        self.gru = nn.GRU(d_state, d_state, batch_first=True)
        self.scorer = CandidateScorer(vocabulary, n_features, d_state, d_scorer)
        self.token_mass = nn.Buffer(vocabulary.masses.clone(), persistent=False)

    def token_axes(self) -> dict[str, TokenAxis]:
        """Return the token axes of the weights; see `Extensible`."""
        candidates = self.scorer.candidate_token
        axes = {
            "residue_embedding.weight": TokenAxis(0, torch.arange(len(self.vocabulary))),
            "read_evidence.weight": TokenAxis(
                1, candidates, width=self.summarise.out_features, is_input=True
            ),
        }
        if self.immonium is not None:
            of_immonium = candidates[:-1]
            start = self.read_other.in_features - len(of_immonium)
            axes["read_other.weight"] = TokenAxis(1, of_immonium, start, is_input=True)
        return axes

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "1 batch length vocab"]:
        """Compute the logits of every position, each from the residues read before it."""
        order = reading_positions(batch.n_residues, batch.tokens.shape[1], self.direction)
        tokens = batch.tokens.gather(1, order)
        # What was read before position t: SOS at 0, then the tokens up to t - 1.
        last = torch.cat([torch.ones_like(tokens[:, :1]), tokens[:, :-1]], dim=1)
        read_mass = self.token_mass[last].cumsum(dim=1)
        state = self.initial_state(batch.spectra)
        evidence = self.evidence(state.peaks, read_mass, state.precursor_mass)
        chosen = self.scorer.features_of(evidence[:, :-1], last[:, 1:])
        confirmed = nn.functional.pad(chosen, (0, 0, 1, 0))
        total = state.precursor_mass[:, None]
        reading, of_evidence = self._read_prefix(evidence, read_mass, total)
        reading = reading + self._read_choice(confirmed, last) + state.context[:, None]
        hidden, _ = self.gru(torch.relu(reading))
        logits = self.scorer(of_evidence, self._candidate_embedding(), hidden)
        in_place = logits.gather(1, order[..., None].expand_as(logits))
        return in_place[None]

    def initial_state(self, spectra: Spectra) -> EvidenceState:
        """Prepare decoding: no residue is read yet."""
        peaks = PeakLookup.of(spectra, self._reach)
        nothing = torch.zeros_like(peaks.spectrum)
        n_candidates = self.evidence.n_candidates + 1
        return EvidenceState(
            peaks,
            self._context(spectra, peaks),
            spectra.precursor_mass,
            torch.zeros_like(spectra.precursor_mass),
            spectra.mz.new_zeros(len(spectra), self.gru.hidden_size),
            spectra.mz.new_zeros(1, n_candidates, self.evidence.n_features),
            nothing,
        )

    def next_residue_logits(
        self, state: EvidenceState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], EvidenceState]:
        """Read one token and score those that may follow; see `Sequencer`."""
        read_mass = state.read_mass + self.token_mass[last_token]
        first_row, prefix = distinct_prefixes(state.peaks.spectrum, read_mass)
        peaks, mass = state.peaks.select(first_row), read_mass[first_row]
        total = state.precursor_mass[peaks.spectrum]
        evidence = self.evidence(peaks, mass[:, None], total)[:, 0]
        reading, of_evidence = self._read_prefix(evidence, mass, total)
        confirmed = state.evidence[state.prefix, self.scorer.candidate_of_token[last_token]]
        choice = self._read_choice(confirmed, last_token)
        inputs = choice.add_(reading.index_select(0, prefix))
        inputs = inputs.add_(state.context.index_select(0, state.peaks.spectrum))
        hidden = self._gru_step(torch.relu_(inputs), state.hidden)
        embedding = self._candidate_embedding()
        logits = self.scorer.of_rows(of_evidence, embedding, prefix, hidden)
        return logits, state.after(read_mass, hidden, evidence, prefix)

    def _reach(self, mz: float) -> float:
        of_immonium = 0.0 if self.immonium is None else self.immonium.reach(mz)
        return max(self.evidence.reach(mz), of_immonium)

    def _context(self, spectra: Spectra, peaks: PeakLookup) -> Float[Tensor, "batch d_state"]:
        context = precursor_features(spectra)
        if self.immonium is not None:
            context = torch.cat([context, self.immonium(peaks)], dim=-1)
        return nn.functional.linear(context, self._other_weights()[2], self.read_other.bias)

    def _read_prefix(
        self,
        evidence: Float[Tensor, "*prefix candidate feature"],
        read_mass: Float64[Tensor, "*prefix"],
        precursor_mass: Float64[Tensor, "*#prefix"],
    ) -> tuple[Float[Tensor, "*prefix d_state"], Float[Tensor, "*prefix candidate column"]]:
        """Compute the inputs of the GRU and of the scorer that depend on the mass read alone.

        Those of the scorer are the first columns of the second tensor.
        """
        read_and_left = torch.stack([read_mass, precursor_mass - WATER_MASS - read_mass], dim=-1)
        masses = self.mass_embedding(read_and_left).flatten(-2)
        of_masses = nn.functional.linear(masses, self._other_weights()[1])
        of_evidence, summary = self._project(evidence)
        return self.read_evidence(torch.relu(summary).flatten(-2)) + of_masses, of_evidence

    def _project(
        self, evidence: Float[Tensor, "*prefix candidate feature"]
    ) -> tuple[
        Float[Tensor, "*prefix candidate column"], Float[Tensor, "*prefix candidate d_summary"]
    ]:
        """Project the features of each candidate, for the scorer and for the GRU."""
        first, second = self.scorer.evidence, self.summarise
        if torch.is_grad_enabled():
            # Gradients of a product that was split are copied: a twentieth of a training step.
            return first(evidence), second(evidence)
        weight = torch.cat([first.weight, second.weight])
        both = nn.functional.linear(evidence, weight, torch.cat([first.bias, second.bias]))
        return both, both[..., first.out_features :]

    def _candidate_embedding(self) -> Float[Tensor, "candidate d_scorer"]:
        return self.residue_embedding(self.scorer.candidate_token)

    def _read_choice(
        self, confirmed: Float[Tensor, "*row feature"], last: Int[Tensor, "*row"]
    ) -> Float[Tensor, "*row d_state"]:
        choice = torch.cat([confirmed, self.residue_embedding(last)], dim=-1)
        return nn.functional.linear(choice, self._other_weights()[0])

    def _other_weights(self) -> tuple[Tensor, ...]:
        """Split the weights of `read_other` into those of choice, masses and context."""
        n_choice = self.evidence.n_features + self.residue_embedding.embedding_dim
        n_masses = 2 * self.mass_embedding.dim
        n_context = self.read_other.in_features - n_choice - n_masses
        return self.read_other.weight.split([n_choice, n_masses, n_context], dim=1)

    def _gru_step(
        self, inputs: Float[Tensor, "row d_state"], hidden: Float[Tensor, "row d_state"]
    ) -> Float[Tensor, "row d_state"]:
        # A step of `nn.GRU` without the preparations that it makes for whole sequences.
        of_inputs, of_hidden, *biases = self.gru.all_weights[0]
        if inputs.device.type != "cpu" or inputs.dtype != torch.float32:
            return torch.gru_cell(inputs, hidden, of_inputs, of_hidden, *biases)
        # The same by fewer operations: those of torch take as long as a product on a CPU.
        new = nn.functional.linear(inputs, of_inputs, biases[0])
        old = nn.functional.linear(hidden, of_hidden, biases[1])
        n_gates = 2 * hidden.shape[1]
        reset, update = new[:, :n_gates].add_(old[:, :n_gates]).sigmoid_().chunk(2, dim=1)
        proposed = new[:, n_gates:].addcmul_(reset, old[:, n_gates:]).tanh_()
        return torch.lerp(proposed, hidden, update)
