"""The decoders by name, for those who choose one on a command line."""

from collections.abc import Sequence
from enum import StrEnum

from denovo.decoding.beam import BeamDecoder, GreedyDecoder
from denovo.decoding.constraint import MassConstraint


class DecoderKind(StrEnum):
    """How peptides are searched for.

    ``constrained``: a beam among those that agree with the precursor mass. ``beam``: a beam
    whatever they weigh. ``greedy``: the most probable residue at every position.
    """

    CONSTRAINED = "constrained"
    BEAM = "beam"
    GREEDY = "greedy"


def make_decoder(
    kind: DecoderKind,
    beam_width: int = 5,
    n_best: int = 1,
    tolerance: str = "20 ppm",
    isotope_errors: Sequence[int] = (0, 1),
) -> BeamDecoder:
    """Make a decoder by name.

    Parameters
    ----------
    kind : DecoderKind
        Which.
    beam_width, n_best : int
        See `BeamDecoder`; without effect on greedy decoding.
    tolerance, isotope_errors
        See `MassConstraint`; without effect where there is none.

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
    return BeamDecoder(beam_width, n_best=n_best, constraint=constraint)
