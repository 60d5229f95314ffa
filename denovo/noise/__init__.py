"""Realism: what an instrument makes of a predicted spectrum, in parts of settable strength."""

from denovo.noise.distort import ADDITIONS, distort
from denovo.spectra.cleavage_sites import Ladder

__all__ = ["ADDITIONS", "Ladder", "distort"]
