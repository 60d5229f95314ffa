"""Decoders: beam search with an optional mass constraint, and greedy decoding."""

from collections.abc import Sequence
from typing import Any

import torch

from denovo.chemistry import WATER_MASS
from denovo.choices import DecoderKind
from denovo.decoding.beam_search import beam_search
from denovo.decoding.choice import FITS, NONE, Choice, Decoded, classify, is_duplicate
from denovo.decoding.hypotheses import Hypotheses, tokens_on
from denovo.decoding.mass_constraint import MassConstraint
from denovo.decoding.pruning import Limit, MassLimit, Overshoot
from denovo.errors import InputError
from denovo.spectra.batch import Spectra
from denovo.spectra.sequencer_protocol import Sequencer
from denovo.typing import Float64, Int, Tensor

_MARGIN = 5.0
"""Nats below the best hypothesis at which candidates for rescoring are dropped: right peptides are
hardly ever so improbable (docs/research/rescoring_study.md)."""


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
        Which peptides agree with the precursor. Where none is found, the result of a search
        without the constraint is kept and marked as infeasible.
    compares : bool
        Whether to search every spectrum without the constraint first, and report that answer and
        the cost of the constraint. Spectra whose best peptides agree are not searched again.
    margin : float
        Hypotheses whose log-probability is this much (nats) below the best of their spectrum are
        dropped.

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
        compares: bool = True,
        margin: float | int = torch.inf,
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
        self.margin = margin
        self.n_candidates, self.constraint, self.compares = n_candidates, constraint, compares

    @torch.inference_mode()
    def __call__(self, sequencer: Sequencer, spectra: Spectra) -> Decoded:
        """Find the best peptides of a batch with a network in evaluation mode."""
        state = sequencer.initial_state(spectra)
        mass = spectra.precursor_mass
        if self.constraint is None:
            return self._decoded(self._free_choice(sequencer, state, mass), sequencer)
        if not self.compares:
            choice = self._feasible_choice(sequencer, state, mass)
            return self._decoded(choice, sequencer, is_feasible=choice.best_kind == FITS)
        free = self._free_choice(sequencer, state, mass)
        choice = self._constrained_choice(sequencer, state, mass, free.hypotheses)
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

    def _free_choice(
        self, sequencer: Sequencer, state: Any, mass: Float64[Tensor, " batch"]
    ) -> Choice:
        found = self._search_freely(sequencer, state, mass)
        return Choice.between(found, self._by_spectrum(found), self._kinds(found))

    def _feasible_choice(
        self, sequencer: Sequencer, state: Any, mass: Float64[Tensor, " batch"]
    ) -> Choice:
        """Search under the constraint, and without it only where nothing agrees."""
        held = self._search_held(sequencer, state, mass)
        kind = self._kinds(held, mass)
        kind = kind.where(kind == FITS, NONE)
        again = (kind == NONE).all(dim=1).nonzero().flatten()
        if len(again) == 0:
            return Choice.between(held, self._by_spectrum(held), kind)
        free = self._search_freely(sequencer, state.select(again), mass[again])
        return self._choice_of_both(held, kind, again, free, self._kinds(free))

    def _constrained_choice(
        self,
        sequencer: Sequencer,
        state: Any,
        mass: Float64[Tensor, " batch"],
        found: Hypotheses,
    ) -> Choice:
        """Search under the constraint where one of the best of ``found`` does not meet it."""
        rows, kind = self._by_spectrum(found), self._kinds(found, mass)
        again = (kind[:, : self.n_candidates] != FITS).any(dim=1).nonzero().flatten()
        if len(again) == 0:
            return Choice.between(found, rows, kind)
        held = self._search_held(sequencer, state.select(again), mass[again])
        held_kind = self._kinds(held, mass[again])
        same = is_duplicate(held, found.select(rows[again].flatten()), self.beam_width)
        is_new = ~(same & (kind[again] == FITS)[:, None]).any(dim=-1)
        held_kind = held_kind.where((held_kind == FITS) & is_new, NONE)
        return self._choice_of_both(found, kind, again, held, held_kind)

    def _choice_of_both(
        self,
        found: Hypotheses,
        kind: Int[Tensor, "batch beam"],
        again: Int[Tensor, " chosen"],
        more: Hypotheses,
        more_kind: Int[Tensor, "chosen beam"],
    ) -> Choice:
        """Choose between two searches; the second is of the spectra in ``again`` alone."""
        rows = self._by_spectrum(found)
        second_rows, second_kind = torch.zeros_like(rows), torch.full_like(kind, NONE)
        second_rows[again] = len(found) + self._by_spectrum(more)
        second_kind[again] = more_kind
        options = torch.cat([rows, second_rows], dim=1), torch.cat([kind, second_kind], dim=1)
        return Choice.between(found.join(more), *options)

    def _search_freely(
        self, sequencer: Sequencer, state: Any, mass: Float64[Tensor, " batch"]
    ) -> Hypotheses:
        limit = Overshoot(sequencer, self._per_row(mass), self.max_overshoot)
        return self._search(sequencer, state, limit, mass)

    def _search_held(
        self, sequencer: Sequencer, state: Any, mass: Float64[Tensor, " batch"]
    ) -> Hypotheses:
        assert self.constraint is not None
        limit = MassLimit(self.constraint, sequencer, self._per_row(mass), self.max_length)
        return self._search(sequencer, state, limit, mass)

    def _search(
        self, sequencer: Sequencer, state: Any, limit: Limit, mass: Float64[Tensor, " batch"]
    ) -> Hypotheses:
        sizes = self.beam_width, self.n_candidates, self.max_length, self.margin
        return beam_search(sequencer, state, limit, len(mass), mass.device, *sizes)

    def _by_spectrum(self, found: Hypotheses) -> Int[Tensor, "batch beam"]:
        """Return the numbers of the rows of each spectrum."""
        return torch.arange(len(found), device=found.score.device).view(-1, self.beam_width)

    def _kinds(
        self, found: Hypotheses, mass: Float64[Tensor, " batch"] | None = None
    ) -> Int[Tensor, "batch beam"]:
        """Classify hypotheses, by the constraint too if the precursor masses are given."""
        is_met = None
        if mass is not None:
            assert self.constraint is not None
            read_mass = found.read_mass.view(-1, self.beam_width)
            is_met = self.constraint.is_met(read_mass, mass).flatten()
        return classify(found, is_met).view(-1, self.beam_width)

    def _per_row(self, mass: Float64[Tensor, " batch"]) -> Float64[Tensor, " row"]:
        return mass.repeat_interleave(self.beam_width)

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


def make_candidate_decoder(
    n_candidates: int,
    beam_width: int = 1,
    tolerance: str = "20 ppm",
    isotopes: Sequence[int] = (0, 1),
) -> BeamDecoder:
    """Make the decoder that lists candidates for rescoring.

    It searches under the mass constraint alone and drops improbable hypotheses. The beam is at
    least as wide as the list is long; see `make_decoder` for parameters and errors.
    """
    return BeamDecoder(
        max(beam_width, n_candidates),
        n_candidates=n_candidates,
        constraint=MassConstraint(tolerance, isotopes),
        compares=False,
        margin=_MARGIN,
    )
