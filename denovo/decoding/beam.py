"""Beam search, and greedy decoding as its narrowest case."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch

from denovo.chemistry import EOS, PAD, SOS, WATER_MASS, Vocabulary
from denovo.decoding.decoded import Decoded
from denovo.errors import InputError
from denovo.spectra import Spectra
from denovo.typing import Bool, Float, Float64, Int, Tensor


@runtime_checkable
class Readable(Protocol):
    """The part of a sequencer that a decoder uses."""

    vocabulary: Vocabulary
    direction: Any

    def initial_state(self, spectra: Spectra) -> Any:
        """Prepare decoding."""
        ...

    def next_residue_logits(
        self, state: Any, last_token: Int[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch vocab"], Any]:
        """Read one token, score the next."""
        ...


@dataclass
class _Beams:
    """Hypotheses of a batch, flattened to rows of ``batch * beam``.

    Parameters
    ----------
    tokens : Tensor [row, length]
        Tokens in reading order; PAD after EOS.
    token_log_probability : Tensor [row, length]
        Their log-probabilities.
    score : Tensor [row]
        Sum of the log-probabilities.
    read_mass : Tensor [row], float64
        Sum of the residues chosen, in Da.
    expected_mass : Tensor [row], float64
        Sum of the mean residue masses where residues were chosen, in Da.
    special : Tensor [row]
        Sum of special-token probabilities where residues were chosen.
    """

    tokens: Int[Tensor, "row length"]
    token_log_probability: Float[Tensor, "row length"]
    score: Float[Tensor, " row"]
    read_mass: Float64[Tensor, " row"]
    expected_mass: Float64[Tensor, " row"]
    special: Float[Tensor, " row"]

    @classmethod
    def start(cls, n_rows: int, beam_width: int, device: torch.device) -> "_Beams":
        """Begin with nothing read; only the first beam of each spectrum counts."""
        score = torch.full((n_rows,), -torch.inf, device=device)
        score[::beam_width] = 0.0
        return cls(
            torch.empty(n_rows, 0, dtype=torch.int64, device=device),
            torch.empty(n_rows, 0, device=device),
            score,
            torch.zeros(n_rows, dtype=torch.float64, device=device),
            torch.zeros(n_rows, dtype=torch.float64, device=device),
            torch.zeros(n_rows, device=device),
        )

    @property
    def last(self) -> Int[Tensor, " row"]:
        """Token read last, SOS at the start."""
        if self.tokens.shape[1] == 0:
            return torch.full((len(self.tokens),), SOS, device=self.tokens.device)
        return self.tokens[:, -1]

    @property
    def is_finished(self) -> Bool[Tensor, " row"]:
        """Whether each peptide has ended."""
        return (self.last == EOS) | (self.last == PAD)


class BeamDecoder:
    """Keep the most probable beginnings of a peptide, and return the most probable peptide.

    Each step reads one token: the state of the prefix is kept, never computed again.

    Parameters
    ----------
    beam_width : int
        Hypotheses kept per spectrum; 1 is greedy decoding.
    max_length : int
        Most tokens of a peptide, N-terminal modification included.
    max_overshoot : float or None
        A residue that would make the peptide this many Da heavier than its precursor is not
        chosen: networks are not trained on what follows such a choice, and go on for ever. None
        leaves them to it.
    """

    def __init__(
        self, beam_width: int = 5, max_length: int = 40, max_overshoot: float | None = 0.5
    ) -> None:
        if beam_width < 1 or max_length < 1:
            raise InputError(
                f"beam_width and max_length must be at least 1, got {beam_width} and {max_length}"
            )
        self.beam_width, self.max_length = beam_width, max_length
        self.max_overshoot = torch.inf if max_overshoot is None else max_overshoot

    @torch.no_grad()
    def __call__(self, sequencer: Readable, spectra: Spectra) -> Decoded:
        """Read the peptides of a batch of spectra.

        Parameters
        ----------
        sequencer : Sequencer
            The network, in evaluation mode.
        spectra : Spectra
            The batch.

        Returns
        -------
        Decoded
            The best peptide of each spectrum.
        """
        width, device = self.beam_width, spectra.mz.device
        rows = torch.arange(len(spectra), device=device).repeat_interleave(width)
        state = sequencer.initial_state(spectra)
        if width > 1:
            state = state.select(rows)
        beams = _Beams.start(len(rows), width, device)
        masses = sequencer.vocabulary.masses.to(device)
        heaviest = spectra.precursor_mass[rows] - WATER_MASS + self.max_overshoot
        if sequencer.direction == "backward":
            # A modification that makes the peptide lighter may still come.
            heaviest = heaviest - masses.min()
        for _ in range(self.max_length + 1):
            logits, state = sequencer.next_residue_logits(state, beams.last)
            too_heavy = (beams.read_mass[:, None] + masses > heaviest[:, None]) & (masses > 0)
            forbidden = too_heavy | _misplaced(beams.tokens, sequencer)
            beams, parent = self._extend(beams, logits, forbidden, sequencer.vocabulary)
            if width > 1:
                state = state.select(parent)
            if bool(beams.is_finished.all()):
                break
        return self._best(beams, sequencer)

    def _extend(
        self,
        beams: _Beams,
        logits: Float[Tensor, "row vocab"],
        forbidden: Bool[Tensor, "row vocab"],
        vocabulary: Vocabulary,
    ) -> tuple[_Beams, Int[Tensor, " row"]]:
        masses = vocabulary.masses.to(logits.device)
        log_probability = logits.float().log_softmax(dim=-1)
        expected, special = _expectation(log_probability, vocabulary, masses)
        # A finished peptide goes on with PAD at no cost.
        frozen = torch.full_like(log_probability, -torch.inf)
        frozen[:, PAD] = 0.0
        choices = log_probability.masked_fill(forbidden, -torch.inf)
        choices = torch.where(beams.is_finished[:, None], frozen, choices)
        total = (beams.score[:, None] + choices).view(-1, self.beam_width * choices.shape[1])
        score, flat = total.topk(self.beam_width, dim=1)
        offset = torch.arange(len(total), device=flat.device)[:, None] * self.beam_width
        parent = (offset + flat // choices.shape[1]).flatten()
        token = (flat % choices.shape[1]).flatten()
        is_residue = vocabulary.is_residue.to(token.device)[token]
        extended = _Beams(
            torch.cat([beams.tokens[parent], token[:, None]], dim=1),
            torch.cat(
                [beams.token_log_probability[parent], choices[parent, token][:, None]], dim=1
            ),
            score.flatten(),
            beams.read_mass[parent] + masses[token],
            beams.expected_mass[parent] + expected[parent] * is_residue,
            beams.special[parent] + special[parent] * is_residue,
        )
        return extended, parent

    def _best(self, beams: _Beams, sequencer: Readable) -> Decoded:
        width = self.beam_width
        complete = beams.is_finished.view(-1, width)
        # A peptide that ended wins over one that was cut off.
        ranked = beams.score.view(-1, width).masked_fill(~complete, -torch.inf)
        best = ranked.argmax(dim=1)
        rows = torch.arange(len(best), device=best.device) * width + best
        tokens, log_probability = beams.tokens[rows], beams.token_log_probability[rows]
        is_residue = sequencer.vocabulary.is_residue.to(tokens.device)[tokens]
        peptides, scores = [], []
        for row, keep, values in zip(tokens, is_residue, log_probability, strict=True):
            step = 1 if sequencer.direction == "forward" else -1
            peptides.append(row[keep].tolist()[::step])
            scores.append(values[keep].tolist()[::step])
        n_residues = is_residue.sum(dim=1).clamp(min=1)
        return Decoded(
            peptides,
            scores,
            beams.score[rows],
            beams.expected_mass[rows] + WATER_MASS,
            beams.special[rows] / n_residues,
            complete.gather(1, best[:, None]).squeeze(1),
        )


class GreedyDecoder(BeamDecoder):
    """Take the most probable token at every position.

    Parameters
    ----------
    max_length : int
        Most tokens of a peptide, N-terminal modification included.
    max_overshoot : float or None
        See `BeamDecoder`.
    """

    def __init__(self, max_length: int = 40, max_overshoot: float | None = 0.5) -> None:
        super().__init__(1, max_length, max_overshoot)


def _misplaced(tokens: Int[Tensor, "row length"], sequencer: Readable) -> Bool[Tensor, "row vocab"]:
    """Say which tokens would put an N-terminal modification where no N-terminus is."""
    vocabulary = sequencer.vocabulary
    is_n_terminal = vocabulary.is_n_terminal.to(tokens.device)
    if sequencer.direction == "forward":
        return (is_n_terminal & (tokens.shape[1] > 0)).expand(len(tokens), -1)
    # Read from the C-terminus, nothing but the end follows it.
    after = is_n_terminal[tokens[:, -1:]] if tokens.shape[1] else tokens.new_zeros(len(tokens), 1)
    return after.bool() & vocabulary.is_residue.to(tokens.device)


def _expectation(
    log_probability: Float[Tensor, "row vocab"],
    vocabulary: Vocabulary,
    masses: Float64[Tensor, " vocab"],
) -> tuple[Float64[Tensor, " row"], Float[Tensor, " row"]]:
    probability = log_probability.double().exp()
    residue = probability * vocabulary.is_residue.to(probability.device)
    on_residues = residue.sum(dim=-1)
    expected = (residue * masses).sum(dim=-1) / on_residues.clamp(min=1e-30)
    return expected, (1 - on_residues).clamp(min=0).float()
