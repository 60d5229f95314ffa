"""Kinds of rescoring by name, for those who choose one on a command line."""

from enum import StrEnum


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
