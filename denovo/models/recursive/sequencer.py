"""A network that predicts the whole peptide at once and refines it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from denovo.chemistry import EOS, WATER_MASS, Vocabulary
from denovo.errors import InputError, check_positive
from denovo.models.embeddings import N_PRECURSOR_FEATURES, SinusoidalEmbedding, precursor_features
from denovo.models.evidence.lookup import PeakLookup
from denovo.models.evidence.scorer import CandidateScorer
from denovo.models.recursive.cell import RefinementCell
from denovo.models.recursive.draft import Draft, draft_of
from denovo.models.recursive.evidence import DraftEvidence
from denovo.models.token_axes import TokenAxis
from denovo.models.transformer.layers import KeyValues, PeakEncoder
from denovo.spectra.batch import LabelledSpectra, Spectra
from denovo.spectra.sequencer_protocol import IMPOSSIBLE, Direction
from denovo.typing import Bool, Float, Float64, Int, Tensor

_MIN_WAVELENGTH = 0.05
"""Shortest wavelength in Da; with shorter ones the rounding of a draft changes the result."""

_N_OTHER = 2
"""Number of spreads: of the masses before and behind a position."""

_PEAK_LAYERS_WITHOUT_EVIDENCE = 2


@dataclass(frozen=True)
class RefinementInput:
    """Data of the spectra that stay the same over all refinement steps.

    ``precursor_mass`` is neutral, in Da. ``n_positions`` counts the residues of the longest peptide
    that the mass allows, and EOS. ``encoded`` and ``peak_mask`` are the projections of the encoded
    peaks and the mask of the real ones.
    """

    peaks: PeakLookup
    precursor_mass: Float64[Tensor, " batch"]
    n_positions: Int[Tensor, " batch"]
    encoded: KeyValues | None
    peak_mask: Bool[Tensor, "batch 1 1 peak"] | None

    def select(self, index: Int[Tensor, " chosen"]) -> "RefinementInput":
        """Take rows by number."""
        return RefinementInput(
            self.peaks.select(index),
            self.precursor_mass[index],
            self.n_positions[index],
            None if self.encoded is None else self.encoded.select(index),
            None if self.peak_mask is None else self.peak_mask[index],
        )


@dataclass(frozen=True)
class RecursiveState:
    """Logits of the last refinement step, and the position that a decoder reads next."""

    logits: Float[Tensor, "batch length vocab"]
    position: int = 0

    def select(self, index: Int[Tensor, " chosen"]) -> "RecursiveState":
        """Take rows by number, in order and with repetition."""
        return RecursiveState(self.logits[index], self.position)


class RecursiveSequencer(nn.Module):
    """Refine a draft of the peptide, all positions together, several times with the same weights.

    No position waits for the one before. After each step, residue masses are summed from both ends,
    the sums predict fragments, and the evidence of these fragments is the input of the next step.
    The length is part of the draft: the peptide ends at its first EOS.

    Parameters
    ----------
    vocabulary : Vocabulary
        Tokens and masses.
    n_refinements : int
        Refinement steps.
    evidence : bool
        Whether a step receives the fragment evidence of its draft; without it, the encoded peaks
        are its only input from the spectrum.
    ions, tolerances, height_tolerances, lookahead_ions, lookahead_tolerance, precursor_tolerance
        See `FragmentEvidence`.
    sharpness : float or None
        Factor on the logits before the mean mass of each position is taken for the look-up of
        evidence; None takes the most probable residues. See `draft_of`.
    n_peak_layers : int or None
        Layers of a transformer over the peaks; by default 2 without evidence and none with it.
    d_model, n_heads, d_feedforward : int
        Width, heads and inner width of the refinement cell and the peak encoder.
    d_scorer, d_mass, d_summary : int
        As in `EvidenceSequencer`.
    max_length : int
        Largest number of tokens of a peptide.
    min_mean_residue_mass : float
        Smallest mean residue mass of a peptide, in Da. The precursor mass divided by it gives the
        number of positions of a spectrum; the label has no influence on it.
    gate_bias : float
        See `RefinementCell`.
    patience : int or None
        Decoding stops refining a spectrum after this number of steps without a changed residue;
        None always takes all steps.

    Raises
    ------
    InputError
        If a number is out of range, or the network has no input from the spectrum.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        n_refinements: int = 8,
        evidence: bool = True,
        ions: Sequence[str] = ("b", "y", "b2", "y2"),
        tolerances: Sequence[str] = ("15 ppm", "0.03 Da"),
        height_tolerances: Sequence[str] = ("0.03 Da",),
        lookahead_ions: Sequence[str] = (),
        lookahead_tolerance: str = "15 ppm",
        precursor_tolerance: str = "5 ppm",
        sharpness: float | int | None = None,
        n_peak_layers: int | None = None,
        d_model: int = 96,
        n_heads: int = 4,
        d_feedforward: int = 128,
        d_scorer: int = 32,
        d_mass: int = 32,
        d_summary: int = 4,
        max_length: int = 40,
        min_mean_residue_mass: float | int = 75.0,
        gate_bias: float | int = -1.0,
        patience: int | None = 2,
    ) -> None:
        super().__init__()
        n_layers = n_peak_layers
        if n_layers is None:
            n_layers = 0 if evidence else _PEAK_LAYERS_WITHOUT_EVIDENCE
        _check(n_refinements, evidence, ions, n_layers, patience)
        self.vocabulary = vocabulary
        self.direction: Direction = "forward"
        self.n_refinements = n_refinements
        self.sharpness = None if sharpness is None else check_positive("model.sharpness", sharpness)
        self.min_mean_residue_mass = check_positive(
            "model.min_mean_residue_mass", min_mean_residue_mass
        )
        self.max_length, self.patience = max_length, patience
        self.evidence = DraftEvidence(
            vocabulary,
            evidence,
            ions,
            tolerances,
            height_tolerances,
            lookahead_ions,
            lookahead_tolerance,
            precursor_tolerance,
        )
        self._add_readers(d_model, d_scorer, d_mass, d_summary)
        self.encoder = PeakEncoder(d_model, n_heads, n_layers, d_feedforward) if n_layers else None
        self.cell = RefinementCell(d_model, n_heads, d_feedforward, n_layers > 0, gate_bias)
        self.scorer = CandidateScorer(vocabulary, self.evidence.n_features, d_model, d_scorer)
        self.token_mass = nn.Buffer(vocabulary.masses.clone(), persistent=False)

    def _add_readers(self, d_model: int, d_scorer: int, d_mass: int, d_summary: int) -> None:
        """Add the layers that compute the input of the cell from a draft and its evidence."""
        n_features, n_candidates = self.evidence.n_features, self.evidence.n_candidates
        self.mass_embedding = SinusoidalEmbedding(d_mass, _MIN_WAVELENGTH)
        self.residue_embedding = nn.Embedding(len(self.vocabulary), d_scorer)
        self.position_embedding = nn.Embedding(self.max_length + 1, d_model)
        self.step_embedding = nn.Embedding(self.n_refinements, d_model)
        self.read_context = nn.Linear(N_PRECURSOR_FEATURES, d_model)
        self.summarise = nn.Linear(n_features, d_summary)
        self.read_evidence = nn.Linear(n_candidates * d_summary, d_model)
        self.read_draft = nn.Linear(n_features + d_scorer + 3 * d_mass + _N_OTHER, d_model)

    def token_axes(self) -> dict[str, TokenAxis]:
        """Return the token axes of the weights; see `Extensible`."""
        candidates, width = self.scorer.candidate_token, self.summarise.out_features
        return {
            "residue_embedding.weight": TokenAxis(0, torch.arange(len(self.vocabulary))),
            "read_evidence.weight": TokenAxis(1, candidates, width=width, is_input=True),
        }

    def forward(self, batch: LabelledSpectra) -> Float[Tensor, "step batch length vocab"]:
        """Compute the logits of every refinement step; the label only sets the returned length."""
        logits = torch.stack(list(self._refine(batch.spectra)))
        missing = batch.tokens.shape[1] - logits.shape[2]
        if missing > 0:
            # Peptides with more residues than their mass allows: all candidates score the same.
            blank = self._blank(len(batch), missing).expand(len(logits), -1, -1, -1)
            logits = torch.cat([logits, blank], dim=2)
        return logits[:, :, : batch.tokens.shape[1]]

    def initial_state(self, spectra: Spectra) -> RecursiveState:
        """Predict the peptides and refine them until nothing changes; no residue is read yet."""
        given = self._prepare(spectra)
        length = int(given.n_positions.max())
        state, logits = self._start(given, spectra), self._blank(len(spectra), length)
        finished = logits.clone()
        rows = torch.arange(len(spectra), device=logits.device)
        n_unchanged = torch.zeros_like(rows)
        for step in range(self.n_refinements):
            before = _ended(logits, given.n_positions).argmax(dim=-1)
            state, logits = self._step(given, state, logits, step)
            finished[rows] = _ended(logits, given.n_positions)
            is_same = (finished[rows].argmax(dim=-1) == before).all(dim=1)
            n_unchanged = torch.where(is_same, n_unchanged + 1, 0)
            if self.patience is None:
                continue
            going = (n_unchanged < self.patience).nonzero().flatten()
            if len(going) == 0:
                break
            if len(going) < len(rows):
                given, state, logits = given.select(going), state[going], logits[going]
                rows, n_unchanged = rows[going], n_unchanged[going]
        return RecursiveState(finished)

    def next_residue_logits(
        self, state: RecursiveState, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], RecursiveState]:
        """Return the logits of the next position, which do not depend on earlier choices."""
        # Positions beyond the last one repeat it: EOS.
        position = min(state.position, state.logits.shape[1] - 1)
        return state.logits[:, position], RecursiveState(state.logits, state.position + 1)

    def _refine(self, spectra: Spectra) -> Iterator[Float[Tensor, "batch length vocab"]]:
        given = self._prepare(spectra)
        state = self._start(given, spectra)
        logits = self._blank(len(spectra), int(given.n_positions.max()))
        for step in range(self.n_refinements):
            state, logits = self._step(given, state, logits, step)
            yield logits

    def _prepare(self, spectra: Spectra) -> RefinementInput:
        most = ((spectra.precursor_mass - WATER_MASS) / self.min_mean_residue_mass).floor().long()
        encoded = mask = None
        if self.encoder is not None and self.cell.peaks is not None:
            memory, mask = self.encoder(spectra)
            encoded = self.cell.peaks.key_values(memory)
        return RefinementInput(
            PeakLookup.of(spectra, self.evidence.reach),
            spectra.precursor_mass,
            most.clamp(1, self.max_length) + 1,
            encoded,
            mask,
        )

    def _start(
        self, given: RefinementInput, spectra: Spectra
    ) -> Float[Tensor, "batch length d_model"]:
        positions = self.position_embedding.weight[: int(given.n_positions.max())]
        return positions + self.read_context(precursor_features(spectra))[:, None]

    def _blank(self, n_spectra: int, length: int) -> Float[Tensor, "batch length vocab"]:
        """Return equal logits for all candidates."""
        return self.scorer.spread(self.token_mass.new_zeros(
            n_spectra, length, self.evidence.n_candidates, dtype=torch.float32
        ))  # fmt: skip

    def _step(
        self,
        given: RefinementInput,
        state: Float[Tensor, "batch length d_model"],
        logits: Float[Tensor, "batch length vocab"],
        step: int,
    ) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            written = _ended(logits, given.n_positions)
            draft = draft_of(written, self.token_mass, self.sharpness)
            evidence = self.evidence(given.peaks, draft, given.precursor_mass)
        reading = self._read(given, draft, evidence, written)
        reading = torch.relu(reading + self.step_embedding.weight[step])
        is_position = _position_mask(given.n_positions, logits.shape[1])
        state = self.cell(state, reading, is_position, given.encoded, given.peak_mask)
        embedding = self.residue_embedding(self.scorer.candidate_token)
        return state, self.scorer(self.scorer.evidence(evidence), embedding, state)

    def _read(
        self,
        given: RefinementInput,
        draft: Draft,
        evidence: Float[Tensor, "batch length candidate feature"],
        written: Float[Tensor, "batch length vocab"],
    ) -> Float[Tensor, "batch length d_model"]:
        missing = given.precursor_mass[:, None] - WATER_MASS - draft.prefix - draft.suffix
        spread = torch.stack([draft.prefix_spread, draft.suffix_spread], dim=-1)
        parts = [
            self.scorer.features_of(evidence, written.argmax(dim=-1)),
            written.softmax(dim=-1) @ self.residue_embedding.weight,
            self.mass_embedding(draft.prefix),
            self.mass_embedding(draft.suffix),
            self.mass_embedding(missing),
            torch.log1p(100 * spread),  # a spread of 0.01 Da already makes evidence uncertain
        ]
        summary = torch.relu(self.summarise(evidence)).flatten(2)
        return self.read_evidence(summary) + self.read_draft(torch.cat(parts, dim=-1))


def _ended(
    logits: Float[Tensor, "batch length vocab"], n_positions: Int[Tensor, " batch"]
) -> Float[Tensor, "batch length vocab"]:
    """Set EOS at the last position of every peptide."""
    only_end = logits.new_full((logits.shape[-1],), IMPOSSIBLE)
    only_end[EOS] = 0.0
    is_open = _position_mask(n_positions - 1, logits.shape[1])
    return logits.where(is_open[..., None], only_end)


def _position_mask(n_positions: Int[Tensor, " batch"], length: int) -> Bool[Tensor, "batch length"]:
    """Mark the first ``n_positions`` of ``length`` positions."""
    return n_positions.new_tensor(range(length)) < n_positions[:, None]


def _check(
    n_refinements: int,
    evidence: bool,
    ions: Sequence[str],
    n_peak_layers: int,
    patience: int | None,
) -> None:
    if n_refinements < 1:
        raise InputError(f"model.n_refinements must be at least 1, got {n_refinements}")
    if evidence and not ions:
        raise InputError("model.evidence=true needs at least one ion type in model.ions, got none")
    if not evidence and n_peak_layers < 1:
        raise InputError(
            "model.evidence=false and model.n_peak_layers=0 leave the network without input from "
            "the spectrum; set model.n_peak_layers to at least 1"
        )
    if patience is not None and patience < 1:
        raise InputError(f"model.patience must be at least 1, or null, got {patience}")
