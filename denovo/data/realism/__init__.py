"""Realism: what an instrument makes of a predicted spectrum, in parts of settable strength."""

from denovo.data.realism.distort import ADDITIONS, distort
from denovo.data.realism.ladder import Ladder

__all__ = ["ADDITIONS", "Ladder", "distort"]
