"""Choices that a user has by name; no library is imported, so that options are checked at once."""

from enum import StrEnum

PICTURES = (".png", ".svg", ".pdf")
"""Formats of pictures, as suffixes of their files."""


class DecoderKind(StrEnum):
    """How peptides are searched for.

    ``constrained``: a beam among those that agree with the precursor mass. ``beam``: a beam
    whatever they weigh. ``greedy``: the most probable residue at every position.
    """

    CONSTRAINED = "constrained"
    BEAM = "beam"
    GREEDY = "greedy"


class Rescoring(StrEnum):
    """What decides between the candidates of a spectrum.

    ``none``: the probability that the one network gives. ``joint``: all networks together.
    ``full``: those, the peaks, and how much the spectrum looks like what MS2PIP predicts.
    """

    NONE = "none"
    JOINT = "joint"
    FULL = "full"

    @property
    def fitted(self) -> "tuple[Rescoring, ...]":
        """What a network is fitted for if it is to do this: it, and what asks for less."""
        kinds = (Rescoring.JOINT, Rescoring.FULL)
        return kinds[: kinds.index(self) + 1] if self in kinds else ()


class Unsupported(StrEnum):
    """What to do with annotations that the alphabet of a network cannot write.

    ``error``: stop. ``skip``: leave such spectra out, and list them.
    """

    ERROR = "error"
    SKIP = "skip"
