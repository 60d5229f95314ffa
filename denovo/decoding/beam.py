"""Decoders: beam search with an optional mass constraint, and greedy decoding."""

from collections.abc import Sequence
from typing import Any

import torch

from denovo.chemistry import WATER_MASS
from denovo.choices import DecoderKind
from denovo.decoding.choice import FITS, NONE, Choice, Decoded, classify, is_duplicate
from denovo.decoding.constraint import MassConstraint, MassLimit
from denovo.decoding.hypotheses import Hypotheses, tokens_on
from denovo.decoding.search import Limit, Overshoot, beam_search
from denovo.errors import InputError
from denovo.spectra.batch import Spectra
from denovo.spectra.protocol import Sequencer
from denovo.typing import Bool, Float64, Int, Tensor


class BeamDecoder:
    """Beam search for the most probable peptides of each spectrum.

    Parameters
    ----------
    beam_width : int
        Hypotheses kept per spectrum; 1 is greedy decoding.
    max_length : int
        Most tokens of a peptide, N-terminal modification included.
    max_overshoot : float or None
        Residues that make the peptide more than this many Da heavier than its precursor are
        excluded: networks are not trained on such prefixes and may not end them. None excludes
        nothing.
    n_candidates : int
        Peptides returned per spectrum, at most ``beam_width``.
    constraint : MassConstraint or None
        Which peptides agree with the precursor. Spectra whose best peptides do not agree are
        searched again among those that do; where none is found, the first result is kept and
        marked as infeasible.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    def __init__(
        self,
        beam_width: int = 5,
        max_length: int = 40,
        max_overshoot: float | int | None = 0.5,
        n_candidates: int = 1,
        constraint: MassConstraint | None = None,
    ) -> None:
        if beam_width < 1 or max_length < 1:
            raise InputError(
                f"beam_width and max_length must be at least 1, got {beam_width} and {max_length}"
            )
        if not 1 <= n_candidates <= beam_width:
            raise InputError(
                f"n_candidates must lie between 1 and beam_width ({beam_width}), got {n_candidates}"
            )
        self.beam_width, self.max_length = beam_width, max_length
        self.max_overshoot = torch.inf if max_overshoot is None else max_overshoot
        self.n_candidates, self.constraint = n_candidates, constraint

    @torch.inference_mode()
    def __call__(self, sequencer: Sequencer, spectra: Spectra) -> Decoded:
        """Decode a batch of spectra.

        Parameters
        ----------
        sequencer : Sequencer
            The network, in evaluation mode.
        spectra : Spectra
            The batch.

        Returns
        -------
        Decoded
            The best peptides of each spectrum.
        """
        state = sequencer.initial_state(spectra)
        mass = spectra.precursor_mass
        limit = Overshoot(sequencer, self._per_row(mass), self.max_overshoot)
        found = self._search(sequencer, state, limit, mass)
        rows = torch.arange(len(found), device=mass.device).view(-1, self.beam_width)
        free = Choice.between(found, rows, classify(found)[rows])
        if self.constraint is None:
            return self._decoded(free, sequencer)
        choice = self._constrained(sequencer, state, mass, found, rows)
        is_feasible = choice.best_kind == FITS
        cost = choice.best.score - free.best.score
        return self._decoded(
            choice,
            sequencer,
            is_feasible=is_feasible,
            unconstrained=[
                best for (best,) in free.candidates(1, sequencer.vocabulary, sequencer.direction)
            ],
            constraint_cost=cost.masked_fill(~is_feasible, -torch.inf),
        )

    def _constrained(
        self,
        sequencer: Sequencer,
        state: Any,
        mass: Float64[Tensor, " batch"],
        found: Hypotheses,
        rows: Int[Tensor, "batch beam"],
    ) -> Choice:
        kind = classify(found, self._is_met(found, mass))[rows]
        # A second search is needed only where one of the best does not meet the constraint.
        again = (kind[:, : self.n_candidates] != FITS).any(dim=1).nonzero().flatten()
        if len(again) == 0:
            return Choice.between(found, rows, kind)
        assert self.constraint is not None
        of_row = self._per_row(mass[again])
        limit = MassLimit(self.constraint, sequencer, of_row, self.max_length)
        held = self._search(sequencer, state.select(again), limit, mass[again])
        held_kind = classify(held, self._is_met(held, mass[again])).view(-1, self.beam_width)
        same = is_duplicate(held, found.select(rows[again].flatten()), self.beam_width)
        is_new = ~(same & (kind[again] == FITS)[:, None]).any(dim=-1)
        more_rows, more_kind = torch.zeros_like(rows), torch.full_like(kind, NONE)
        more_rows[again] = len(found) + rows[: len(again)]
        more_kind[again] = held_kind.where((held_kind == FITS) & is_new, NONE)
        options = torch.cat([rows, more_rows], dim=1), torch.cat([kind, more_kind], dim=1)
        return Choice.between(found.join(held), *options)

    def _search(
        self, sequencer: Sequencer, state: Any, limit: Limit, mass: Float64[Tensor, " batch"]
    ) -> Hypotheses:
        sizes = self.beam_width, self.n_candidates, self.max_length
        return beam_search(sequencer, state, limit, len(mass), mass.device, *sizes)

    def _per_row(self, mass: Float64[Tensor, " batch"]) -> Float64[Tensor, " row"]:
        return mass.repeat_interleave(self.beam_width)

    def _is_met(self, found: Hypotheses, mass: Float64[Tensor, " batch"]) -> Bool[Tensor, " row"]:
        assert self.constraint is not None
        return self.constraint.is_met(found.read_mass[:, None], self._per_row(mass)).squeeze(1)

    def _decoded(self, choice: Choice, sequencer: Sequencer, **verdicts: Any) -> Decoded:
        vocabulary, best = sequencer.vocabulary, choice.best
        is_residue = tokens_on(vocabulary, best.tokens.device).is_residue[best.tokens]
        return Decoded(
            choice.candidates(self.n_candidates, vocabulary, sequencer.direction),
            best.score,
            best.expected_mass + WATER_MASS,
            best.special / is_residue.sum(dim=1).clamp(min=1),
            best.is_complete,
            **verdicts,
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

    def __init__(self, max_length: int = 40, max_overshoot: float | int | None = 0.5) -> None:
        super().__init__(1, max_length, max_overshoot)


def make_decoder(
    kind: DecoderKind,
    beam_width: int = 5,
    n_candidates: int = 1,
    tolerance: str = "20 ppm",
    isotope_errors: Sequence[int] = (0, 1),
) -> BeamDecoder:
    """Make a decoder by name.

    Parameters
    ----------
    kind : DecoderKind
        Search strategy.
    beam_width, n_candidates : int
        See `BeamDecoder`; no effect on greedy decoding.
    tolerance, isotope_errors
        See `MassConstraint`; used by the constrained search only.

    Returns
    -------
    BeamDecoder
        The decoder.

    Raises
    ------
    InputError
        If a value is out of range.
    """
    if kind is DecoderKind.GREEDY:
        return GreedyDecoder()
    constraint = (
        MassConstraint(tolerance, isotope_errors) if kind is DecoderKind.CONSTRAINED else None
    )
    return BeamDecoder(beam_width, n_candidates=n_candidates, constraint=constraint)
